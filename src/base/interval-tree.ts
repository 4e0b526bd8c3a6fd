// SPDX-License-Identifier: Apache-2.0

/** A half-open interval of byte strings; without an end it has no upper bound. */
export interface Interval {
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
}

interface Node<T> {
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
  value: T;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
  /** 1 for a leaf; the two children differ by at most one. */
  height: number;
  /** The largest end in this subtree; `undefined` stands for no bound, the largest of all. */
  endMax: Uint8Array | undefined;
}

/** Up to this length a loop beats the call into native code. */
const LOOP_BYTES_MAX = 64;

/**
 * A map from intervals to values that finds the intervals around a point in logarithmic time plus
 * what it finds: a balanced (AVL) tree ordered by start, then end, where every node knows the
 * largest end below it. Intervals are kept by reference and must not change.
 */
export class IntervalTree<T> {
  #root: Node<T> | undefined;
  #size = 0;

  /** How many intervals are stored. */
  get size(): number {
    return this.#size;
  }

  get(interval: Interval): T | undefined {
    let node = this.#root;
    while (node !== undefined) {
      const order = compareIntervals(interval, node);
      if (order === 0) return node.value;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  /** Stores the value, in place of an earlier one of exactly this interval. */
  set(interval: Interval, value: T): void {
    this.#root = this.#insert(this.#root, interval, value);
  }

  /** Says whether there was such an interval. */
  delete(interval: Interval): boolean {
    const before = this.#size;
    this.#root = this.#remove(this.#root, interval);
    return this.#size < before;
  }

  /** Appends the values of all intervals that contain the point, in order of their intervals. */
  collect(point: Uint8Array, found: T[]): void {
    if (this.#root !== undefined) collectFrom(this.#root, point, found);
  }

  #insert(node: Node<T> | undefined, interval: Interval, value: T): Node<T> {
    if (node === undefined) {
      this.#size++;
      const { start, end } = interval;
      return { start, end, value, left: undefined, right: undefined, height: 1, endMax: end };
    }
    const order = compareIntervals(interval, node);
    if (order === 0) {
      node.value = value;
      return node;
    }
    if (order < 0) node.left = this.#insert(node.left, interval, value);
    else node.right = this.#insert(node.right, interval, value);
    return balance(node);
  }

  #remove(node: Node<T> | undefined, interval: Interval): Node<T> | undefined {
    if (node === undefined) return undefined;
    const order = compareIntervals(interval, node);
    if (order < 0) node.left = this.#remove(node.left, interval);
    else if (order > 0) node.right = this.#remove(node.right, interval);
    else {
      this.#size--;
      return join(node.left, node.right);
    }
    return balance(node);
  }
}

function collectFrom<T>(node: Node<T>, point: Uint8Array, found: T[]): void {
  if (node.endMax !== undefined && compareKeys(node.endMax, point) <= 0) return;
  if (node.left !== undefined) collectFrom(node.left, point, found);
  if (compareKeys(node.start, point) > 0) return;
  if (node.end === undefined || compareKeys(node.end, point) > 0) found.push(node.value);
  if (node.right !== undefined) collectFrom(node.right, point, found);
}

/** One tree of two, every interval of the left one being smaller. */
function join<T>(left: Node<T> | undefined, right: Node<T> | undefined): Node<T> | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  const { first, rest } = takeFirst(right);
  first.left = left;
  first.right = rest;
  return balance(first);
}

function takeFirst<T>(node: Node<T>): { first: Node<T>; rest: Node<T> | undefined } {
  if (node.left === undefined) return { first: node, rest: node.right };
  const taken = takeFirst(node.left);
  node.left = taken.rest;
  return { first: taken.first, rest: balance(node) };
}

/** Restores height, largest end and balance of a node whose children are in order. */
function balance<T>(node: Node<T>): Node<T> {
  const { left, right } = node;
  const lean = heightOf(left) - heightOf(right);
  if (lean > 1 && left !== undefined) {
    const inner = left.right;
    const inward = inner !== undefined && heightOf(left.left) < inner.height;
    return rotateRight(node, inward ? rotateLeft(left, inner) : left);
  }
  if (lean < -1 && right !== undefined) {
    const inner = right.left;
    const inward = inner !== undefined && heightOf(right.right) < inner.height;
    return rotateLeft(node, inward ? rotateRight(right, inner) : right);
  }
  return refresh(node);
}

/** Lifts `top`, the right child or what takes its place, above the node. */
function rotateLeft<T>(node: Node<T>, top: Node<T>): Node<T> {
  node.right = top.left;
  top.left = refresh(node);
  return refresh(top);
}

/** Lifts `top`, the left child or what takes its place, above the node. */
function rotateRight<T>(node: Node<T>, top: Node<T>): Node<T> {
  node.left = top.right;
  top.right = refresh(node);
  return refresh(top);
}

function refresh<T>(node: Node<T>): Node<T> {
  const { left, right } = node;
  node.height = 1 + Math.max(heightOf(left), heightOf(right));
  let endMax = node.end;
  if (left !== undefined) endMax = laterEnd(endMax, left.endMax);
  if (right !== undefined) endMax = laterEnd(endMax, right.endMax);
  node.endMax = endMax;
  return node;
}

function heightOf<T>(node: Node<T> | undefined): number {
  return node === undefined ? 0 : node.height;
}

function laterEnd(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return undefined;
  return compareKeys(a, b) >= 0 ? a : b;
}

function compareIntervals(a: Interval, b: Interval): number {
  const order = compareKeys(a.start, b.start);
  if (order !== 0) return order;
  if (a.end === undefined) return b.end === undefined ? 0 : 1;
  return b.end === undefined ? -1 : compareKeys(a.end, b.end);
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (length > LOOP_BYTES_MAX) return Buffer.compare(a, b);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
