// SPDX-License-Identifier: Apache-2.0

type Step = () => void | Promise<void>;

/** Steps that undo a start, run once and in reverse order; one that fails does not stop the rest. */
export class Cleanup {
  #steps: Step[] = [];

  add(step: Step): void {
    this.#steps.push(step);
  }

  /** Runs every step; throws the first error after all have run. */
  async run(): Promise<void> {
    const steps = this.#steps.reverse();
    this.#steps = [];
    const errors: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
