// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import type { Counter, Gauge, Labeled, MetricRegistry } from "../observe/index.ts";
import type { HealthSource } from "./health-source.ts";
import { allowOnlyGet, type Endpoint, respond, respondError, TEXT_PLAIN } from "./respond.ts";

const CALLER = "http/probes.ts";

/** Resolves when all is well, rejects with what is not. */
type Check = () => Promise<void>;
type Checks = ReadonlyMap<string, Check>;
type ProbeKind = "livez" | "readyz";

/** The gauge and the counter behind every run of a check. */
interface ProbeMetrics {
  readonly results: Labeled<"etcd_server_healthcheck", Gauge>;
  readonly runs: Labeled<"etcd_server_healthchecks_total", Counter>;
}

/** `/livez` and `/readyz`, each with a path per check below it. */
export function createProbeEndpoints(
  source: HealthSource,
  metrics: MetricRegistry,
  logger: Logger,
): ReadonlyMap<string, Endpoint> {
  const probeMetrics: ProbeMetrics = {
    results: metrics.labeledGauge("etcd_server_healthcheck"),
    runs: metrics.labeledCounter("etcd_server_healthchecks_total"),
  };
  const endpoints = new Map<string, Endpoint>();
  for (const [kind, checks] of [
    ["livez", livenessChecks(source)],
    ["readyz", readinessChecks(source)],
  ] as const) {
    const probe = new Probe(kind, checks, probeMetrics, logger);
    endpoints.set(`/${kind}`, (request, response, query) =>
      probe.answer(request, response, query, probe.select(query)),
    );
    for (const name of checks.keys()) {
      endpoints.set(`/${kind}/${name}`, (request, response, query) =>
        probe.answer(request, response, query, [name]),
      );
    }
  }
  return endpoints;
}

function livenessChecks(source: HealthSource): Checks {
  return new Map([["serializable_read", () => source.serializableRead()]]);
}

function readinessChecks(source: HealthSource): Checks {
  return new Map<string, Check>([
    [
      "data_corruption",
      async () => {
        if (source.alarms.includes("CORRUPT")) throw new Error("alarm activated: CORRUPT");
      },
    ],
    ["serializable_read", () => source.serializableRead()],
    ["linearizable_read", () => source.linearizableRead()],
    [
      "non_learner",
      async () => {
        if (source.isLearner) throw new Error("not supported for learner");
      },
    ],
  ]);
}

class Probe {
  readonly #kind: ProbeKind;
  readonly #checks: Checks;
  readonly #metrics: ProbeMetrics;
  readonly #logger: Logger;

  constructor(kind: ProbeKind, checks: Checks, metrics: ProbeMetrics, logger: Logger) {
    this.#kind = kind;
    this.#checks = checks;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  /** The checks that the query does not exclude; unknown names in it are only logged. */
  select(query: URLSearchParams): readonly string[] {
    const excluded = new Set(query.getAll("exclude").filter((name) => name !== ""));
    const selected = [...this.#checks.keys()].filter((name) => !excluded.delete(name));
    if (excluded.size > 0) {
      const missing = [...excluded].map((name) => `"${name}"`).join(",");
      const fields = { "missing-health-checks": missing };
      this.#logger.log("warn", CALLER, "some health checks cannot be excluded", fields);
    }
    return selected;
  }

  async answer(
    request: Parameters<Endpoint>[0],
    response: Parameters<Endpoint>[1],
    query: URLSearchParams,
    names: readonly string[],
  ): Promise<void> {
    const path = `/${this.#kind}`;
    if (!allowOnlyGet(request, response)) {
      this.#logger.log("warn", CALLER, "Health request error", { path, "status-code": 405 });
      return;
    }
    const { healthy, report } = await this.#run(names);
    if (!healthy) {
      respondError(response, 503, report);
      const fields = { path, reason: report, "status-code": 503 };
      this.#logger.log("error", CALLER, "Health check error", fields);
      return;
    }
    response.setHeader("X-Content-Type-Options", "nosniff");
    respond(response, 200, TEXT_PLAIN, `${query.has("verbose") ? report : ""}ok\n`);
  }

  /** Runs the checks one after the other, as etcd does, and counts each result. */
  async #run(names: readonly string[]): Promise<{ healthy: boolean; report: string }> {
    let healthy = true;
    let report = "";
    for (const name of names) {
      try {
        await this.#checks.get(name)?.();
        report += `[+]${name} ok\n`;
        this.#record(name, true);
      } catch (error) {
        healthy = false;
        report += `[-]${name} failed: ${errorText(error)}\n`;
        this.#record(name, false);
      }
    }
    return { healthy, report };
  }

  #record(name: string, success: boolean): void {
    this.#metrics.results.child(this.#kind, name).set(success ? 1 : 0);
    this.#metrics.runs.child(this.#kind, name, success ? "success" : "error").inc();
  }
}
