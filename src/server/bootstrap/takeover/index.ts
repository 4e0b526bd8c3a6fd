// SPDX-License-Identifier: Apache-2.0

export { isGoDataDirectory, takeOverGoDirectory } from "./take-over.ts";
