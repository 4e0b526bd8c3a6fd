// SPDX-License-Identifier: Apache-2.0

import { counter, gauge, histogram } from "./metric-spec.ts";

const call = ["grpc_type", "grpc_service", "grpc_method"] as const;
const handlingBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What the libraries inside etcd expose: the gRPC server, the process, the metrics handler. What
 * only a Node server has is named `etcdx_`.
 */
export const runtimeMetrics = {
  etcdx_event_loop_delay_seconds: gauge(
    "Delay of the event loop in the last whole window of at least a minute, by quantile.",
    ["quantile"],
  ),
  grpc_server_started_total: counter("RPCs begun.", call),
  grpc_server_handled_total: counter("RPCs ended, by status code.", [...call, "grpc_code"]),
  grpc_server_msg_received_total: counter("Messages received in RPCs.", call),
  grpc_server_msg_sent_total: counter("Messages sent in RPCs.", call),
  grpc_server_handling_seconds: histogram("Time spent on RPCs.", handlingBounds, call),
  process_cpu_seconds_total: counter("CPU time of the process, user and system, in seconds."),
  process_max_fds: gauge("File descriptors that the process may open."),
  process_network_receive_bytes_total: counter("Bytes received in the network namespace."),
  process_network_transmit_bytes_total: counter("Bytes sent in the network namespace."),
  process_open_fds: gauge("File descriptors that the process has open."),
  process_resident_memory_bytes: gauge("Memory of the process that is in RAM, in bytes."),
  process_start_time_seconds: gauge("Unix time at which the process began, in seconds."),
  process_virtual_memory_bytes: gauge("Address space of the process, in bytes."),
  process_virtual_memory_max_bytes: gauge("Address space that the process may use, in bytes."),
  promhttp_metric_handler_requests_in_flight: gauge("Scrapes being answered."),
  promhttp_metric_handler_requests_total: counter("Scrapes answered, by HTTP status.", ["code"]),
} as const;
