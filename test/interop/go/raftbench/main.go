// SPDX-License-Identifier: Apache-2.0

// Raftbench drives Go's raft engine through the steps of bench/micro/raft-loop.ts and prints, per
// row, the CPU microseconds that the process used per entry: name, tab, figure.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"syscall"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

const (
	payloadBytes = 300
	keptEntries  = 5000
	cutEntries   = 10_000
)

type member struct {
	id      uint64
	node    *raft.RawNode
	storage *raft.MemoryStorage
	applied uint64
	cutAt   uint64
	sum     int
}

type group struct {
	members []*member
	inbox   []*raftpb.Message
	// The followers' acknowledgements are made up.
	imagined bool
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func newGroup(size int) *group {
	g := &group{}
	var voters []uint64
	for id := uint64(1); id <= uint64(size); id++ {
		voters = append(voters, id)
	}
	for _, id := range voters {
		storage := raft.NewMemoryStorage()
		snapshot := &raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
			Index: proto.Uint64(1), Term: proto.Uint64(1),
			ConfState: &raftpb.ConfState{Voters: voters},
		}}
		check(storage.ApplySnapshot(snapshot))
		node, err := raft.NewRawNode(&raft.Config{
			ID: id, ElectionTick: 10, HeartbeatTick: 1, Storage: storage,
			AsyncStorageWrites: true, MaxSizePerMsg: 1 << 20, MaxCommittedSizePerReady: 16 << 20,
			MaxInflightMsgs: 512, CheckQuorum: true, PreVote: true,
			Logger: &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
		})
		check(err)
		g.members = append(g.members, &member{id: id, node: node, storage: storage, cutAt: cutEntries})
	}
	check(g.members[0].node.Campaign())
	g.settle()
	return g
}

func (g *group) work(m *member) {
	for m.node.HasReady() {
		for _, message := range m.node.Ready().Messages {
			switch message.GetTo() {
			case raft.LocalAppendThread:
				check(m.storage.Append(message.Entries))
			case raft.LocalApplyThread:
				m.apply(message.Entries)
			default:
				g.inbox = append(g.inbox, message)
				continue
			}
			for _, response := range message.Responses {
				if response.GetTo() == m.id {
					check(m.node.Step(response))
				} else {
					g.inbox = append(g.inbox, response)
				}
			}
		}
	}
}

func (m *member) apply(entries []*raftpb.Entry) {
	for _, entry := range entries {
		m.sum += len(entry.Data)
		m.applied = entry.GetIndex()
	}
	if m.applied >= m.cutAt {
		m.cutAt = m.applied + cutEntries
		check(m.storage.Compact(m.applied - keptEntries))
	}
}

func (g *group) settle() {
	for {
		messages := g.inbox
		g.inbox = nil
		for _, message := range messages {
			g.deliver(message)
		}
		if g.imagined {
			g.work(g.members[0])
		} else {
			for _, m := range g.members {
				g.work(m)
			}
		}
		if len(g.inbox) == 0 {
			return
		}
	}
}

func (g *group) deliver(message *raftpb.Message) {
	if message.GetTo() == 1 || !g.imagined {
		check(g.members[message.GetTo()-1].node.Step(message))
		return
	}
	if message.GetType() != raftpb.MsgApp {
		return
	}
	check(g.members[0].node.Step(&raftpb.Message{
		Type: raftpb.MsgAppResp.Enum(), From: message.To, To: message.From, Term: message.Term,
		Index: proto.Uint64(message.GetIndex() + uint64(len(message.Entries))),
	}))
}

func (g *group) run(entries int, atOnce int) {
	leader := g.members[0]
	data := make([]byte, payloadBytes)
	end := leader.applied + uint64(entries)
	for leader.applied < end {
		batch := make([]*raftpb.Entry, atOnce)
		for i := range batch {
			batch[i] = &raftpb.Entry{Data: data}
		}
		check(leader.node.Step(&raftpb.Message{
			Type: raftpb.MsgProp.Enum(), From: proto.Uint64(1), To: proto.Uint64(1), Entries: batch,
		}))
		g.settle()
	}
}

func cpuMicros() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := usage.Utime.Sec + usage.Stime.Sec
	return float64(seconds)*1e6 + float64(usage.Utime.Usec+usage.Stime.Usec)
}

func measure(name string, members, atOnce int, onlyLeader bool, entries int) {
	g := newGroup(members)
	g.imagined = onlyLeader
	g.run(entries/4, atOnce)
	start := cpuMicros()
	g.run(entries, atOnce)
	fmt.Printf("%s\t%.4f\t%d\n", name, (cpuMicros()-start)/float64(entries), g.members[0].sum)
}

func main() {
	entries, err := strconv.Atoi(os.Args[1])
	check(err)
	measure("one voter, 1 at once", 1, 1, false, entries)
	measure("one voter, 64 at once", 1, 64, false, entries)
	measure("three voters, leader, 1 at once", 3, 1, true, entries)
	measure("three voters, leader, 64 at once", 3, 64, true, entries)
	measure("three voters, all three, 64 at once", 3, 64, false, entries)
}
