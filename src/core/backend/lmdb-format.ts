// SPDX-License-Identifier: Apache-2.0
//
// Numbers of LMDB's file format as the `lmdb` package writes it, in the byte order of the machine.
//
// A page begins with its number (8 bytes), the transaction that wrote it (8), padding (2), its
// kind (2) and, for a tree's page, the ends of the lists of nodes and of the free space (2 each,
// counted from behind this header). Behind the header stand the places of the nodes, counted the
// same way, and the nodes fill the page from its end. A node is 8 bytes of sizes and flags, a key
// and, in a leaf, a value or where in pages of its own the value lies. A run of such pages has one
// header, which counts them.
//
// Pages 0 and 1 are metas: where the trees of the newest state begin. When that has reached the
// disk, the package notes the same in the middle of page 0.

/** The file's name in a store's directory. */
export const DATA_FILE = "data.mdb";

export const LMDB_MAGIC = 0xbeefc0de;
export const LMDB_VERSION = 2;

/** Before the contents of each page, or run of pages. */
export const LMDB_HEADER_BYTES = 24;
/** In it: the transaction, the kind, the two ends or the number of pages in the run. */
export const PAGE_TRANSACTION = 8;
export const PAGE_KIND = 18;
export const PAGE_LOWER = 20;
export const PAGE_UPPER = 22;
export const PAGE_RUN = 20;
export const KIND_BRANCH = 0x01;
export const KIND_LEAF = 0x02;
export const KIND_OVERFLOW = 0x04;
/** Kinds of pages that may stand in a tree, without what is only set in memory. */
export const KIND_MASK = 0xff;

/** Before a node's key: size of the value, or number of the page below (6 bytes); flags; key. */
export const NODE_HEADER_BYTES = 8;
export const NODE_FLAGS = 4;
export const NODE_KEY_SIZE = 6;
/** The value lies in pages of its own: first page, transaction and number of pages, 8 bytes each. */
export const NODE_VALUE_APART = 0x01;
export const NODE_APART_BYTES = 24;
/** The value describes a table. */
export const NODE_IS_TABLE = 0x02;

/** A table: 4 bytes, flags (2), depth (2), then 8 bytes each: pages by kind, rows, root. */
export const LMDB_TABLE_BYTES = 48;
export const TABLE_DEPTH = 6;
export const TABLE_BRANCHES = 8;
export const TABLE_LEAVES = 16;
export const TABLE_OVERFLOWS = 24;
export const TABLE_ROWS = 32;
export const TABLE_ROOT = 40;
export const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** Offsets in a meta page, or in its copy in the middle of page 0. */
export const META_MAGIC = 24;
export const META_VERSION = 28;
export const META_PAGE_BYTES = 48;
export const META_FLAGS = 52;
export const META_FREE_TABLE = 48;
export const META_MAIN_TABLE = 96;
export const META_LAST_PAGE = 144;
export const META_TRANSACTION = 152;
export const META_BYTES = 168;
/** In a meta's flags: the transaction was not yet known to be on disk. */
export const META_NOT_FLUSHED = 0x1000;

/** The first two pages tell where the trees begin. */
export const FIRST_TREE_PAGE = 2;
