// SPDX-License-Identifier: Apache-2.0

import type { HealthSource } from "./health-source.ts";
import { allowOnlyGet, type Endpoint, respond } from "./respond.ts";

/** `/version`: the versions of server, cluster and store. */
export function createVersionEndpoint(source: HealthSource): Endpoint {
  return (request, response) => {
    if (!allowOnlyGet(request, response)) return;
    const { server, cluster, storage } = source.versions;
    const body = JSON.stringify({
      etcdserver: server,
      etcdcluster: cluster ?? "not_decided",
      storage: storage ?? "unknown",
    });
    respond(response, 200, "application/json", body);
  };
}
