import { Random } from "../fuzz/random.ts";

/**
 * An operator's intent that changes at random: services are added, renamed, split in two and removed, routes are added,
 * renamed, split over two services and removed. Whatever it looks like, each of `PATHS` has an answer at any time.
 */
export const PATHS = ["/p0", "/p1", "/p2", "/p3", "/p4", "/p5"] as const;

interface Service {
  /** Backends by version; a service without versions has one, named "". */
  versions: Map<string, number>;
}

/** Path -> names of the services it goes to, in equal parts. */
type Route = Map<string, string[]>;

export class RandomIntent {
  readonly #random: Random;
  readonly #services = new Map<string, Service>();
  readonly #routes = new Map<string, Route>();
  #names = 0;
  #revision = 0;

  /** `ports`: of the backends there are. */
  constructor(
    seed: number,
    private readonly ports: readonly number[],
  ) {
    this.#random = new Random(seed);
    const [first, second] = [this.#addService(), this.#addService()];
    this.#routes.set("r0", new Map(PATHS.slice(0, 3).map((path) => [path, [first]])));
    this.#routes.set("r1", new Map(PATHS.slice(3).map((path) => [path, [second]])));
  }

  /** One change, in words. */
  change(): string {
    this.#revision += 1;
    const changes = [
      () => this.#growService(),
      () => this.#renameService(),
      () => this.#splitService(),
      () => this.#removeService(),
      () => this.#growRoute(),
      () => this.#renameRoute(),
      () => this.#splitRoute(),
      () => this.#removeRoute(),
    ];
    return this.#pick(changes)();
  }

  /** Counts changes; every answer carries it in `x-revision`. */
  get revision(): number {
    return this.#revision;
  }

  /** Ports of the backends that may answer a path. */
  backendsOf(path: string): ReadonlySet<number> {
    const route = [...this.#routes.values()].find((each) => each.has(path));
    const services = route?.get(path) ?? [];
    return new Set(
      services.flatMap((name) => [...(this.#services.get(name)?.versions.values() ?? [])]),
    );
  }

  toYaml(): string {
    const documents = [
      GATEWAY,
      ...[...this.#services].map(([name, service]) => serviceYaml(name, service)),
      ...[...this.#routes].map(([name, route]) => routeYaml(name, route, this.#revision)),
    ];
    return documents.join("---\n");
  }

  #growService(): string {
    const name = this.#addService();
    const path = this.#pick(PATHS);
    this.#routeOf(path).set(path, [name]);
    return `add service ${name} for ${path}`;
  }

  #renameService(): string {
    const old = this.#pick(this.#services.keys());
    const name = this.#freshName("s");
    this.#services.set(name, this.#services.get(old)!);
    this.#services.delete(old);
    this.#replace(old, name);
    return `rename service ${old} to ${name}`;
  }

  #splitService(): string {
    const name = this.#pick(this.#services.keys());
    const service = this.#services.get(name)!;
    const isSplit = service.versions.size > 1;
    const versions = isSplit ? [""] : ["v1", "v2"];
    service.versions = new Map(versions.map((version) => [version, this.#pick(this.ports)]));
    return `${isSplit ? "join" : "split"} service ${name}`;
  }

  #removeService(): string {
    if (this.#services.size === 1) return this.#growService();
    const name = this.#pick(this.#services.keys());
    this.#services.delete(name);
    const heir = this.#pick(this.#services.keys());
    this.#replace(name, heir);
    return `remove service ${name}, its paths go to ${heir}`;
  }

  #growRoute(): string {
    const path = this.#pick(PATHS);
    const route = this.#routeOf(path);
    if (route.size === 1) return this.#renameRoute();
    const name = this.#freshName("r");
    this.#routes.set(name, new Map([[path, route.get(path)!]]));
    route.delete(path);
    return `add route ${name} for ${path}`;
  }

  #renameRoute(): string {
    const old = this.#pick(this.#routes.keys());
    const name = this.#freshName("r");
    this.#routes.set(name, this.#routes.get(old)!);
    this.#routes.delete(old);
    return `rename route ${old} to ${name}`;
  }

  #splitRoute(): string {
    const path = this.#pick(PATHS);
    const two = [this.#pick(this.#services.keys()), this.#pick(this.#services.keys())];
    const services = [...new Set(two)];
    this.#routeOf(path).set(path, services);
    return `send ${path} to ${services.join(" and ")}`;
  }

  #removeRoute(): string {
    if (this.#routes.size === 1) return this.#growRoute();
    const name = this.#pick(this.#routes.keys());
    const route = this.#routes.get(name)!;
    this.#routes.delete(name);
    const heir = this.#pick(this.#routes.keys());
    for (const [path, services] of route) this.#routes.get(heir)!.set(path, services);
    return `remove route ${name}, its paths go to ${heir}`;
  }

  #addService(): string {
    const name = this.#freshName("s");
    this.#services.set(name, { versions: new Map([["", this.#pick(this.ports)]]) });
    return name;
  }

  #routeOf(path: string): Route {
    return [...this.#routes.values()].find((route) => route.has(path))!;
  }

  #replace(old: string, name: string): void {
    for (const route of this.#routes.values()) {
      for (const [path, services] of route) {
        const renamed = services.map((each) => (each === old ? name : each));
        route.set(path, [...new Set(renamed)]);
      }
    }
  }

  #pick<T>(all: Iterable<T>): T {
    return this.#random.pick([...all]);
  }

  #freshName(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }
}

const GATEWAY = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: qmesh
  addresses: [{type: IPAddress, value: 127.0.0.1}]
  listeners: [{name: http, protocol: HTTP, port: 0}]
`;

function serviceYaml(name: string, { versions }: Service): string {
  const endpoints = (port: number) => `endpoints: ["127.0.0.1:${port}"]`;
  const [only] = versions.values();
  const all = [...versions].map(([version, port]) => `${version}: {${endpoints(port)}}`);
  const body =
    versions.size === 1
      ? endpoints(only!)
      : `versions: {${all.join(", ")}}\n  weights: {v1: 50, v2: 50}`;
  return `
apiVersion: quantum.mesh/v1
kind: Service
metadata: {name: ${name}, owner: team-shop}
spec:
  ${body}
`;
}

function routeYaml(name: string, route: Route, revision: number): string {
  const header = `{name: x-revision, value: "${revision}"}`;
  const rules = [...route].map(([path, services]) => {
    const backends = services.map((each) => `{group: quantum.mesh, kind: Service, name: ${each}}`);
    return `
    - matches: [{path: {type: PathPrefix, value: ${path}}}]
      filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [${header}]}}]
      backendRefs: [${backends.join(", ")}]`;
  });
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: edge}]
  rules:${rules.join("")}
`;
}
