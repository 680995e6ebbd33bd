import type { Resources } from '../resources/resources.ts';

/** Who has how much of the cluster, for dominant resource fairness. */
export class Shares {
  /** Of all agents, in thousandths, by resource. */
  readonly #total = new Map<string, number>();
  /** By role, and by role and framework. */
  readonly #allocated = new Map<string, Map<string, number>>();

  addToCluster(resources: Resources, sign: 1 | -1): void {
    addTo(this.#total, resources, sign);
  }

  allocate(role: string, frameworkId: string, resources: Resources): void {
    this.#change(role, frameworkId, { resources, sign: 1 });
  }

  free(role: string, frameworkId: string, resources: Resources): void {
    this.#change(role, frameworkId, { resources, sign: -1 });
  }

  /** The largest part of any resource of the cluster that the role has. */
  ofRole(role: string): number {
    return this.#dominant(this.#allocated.get(role));
  }

  ofFramework(role: string, frameworkId: string): number {
    return this.#dominant(this.#allocated.get(`${role}\n${frameworkId}`));
  }

  #change(
    role: string,
    frameworkId: string,
    change: { readonly resources: Resources; readonly sign: 1 | -1 },
  ): void {
    for (const name of [role, `${role}\n${frameworkId}`]) {
      let sums = this.#allocated.get(name);
      if (sums === undefined) this.#allocated.set(name, (sums = new Map()));
      addTo(sums, change.resources, change.sign);
      if (sums.size === 0) this.#allocated.delete(name);
    }
  }

  #dominant(allocated: ReadonlyMap<string, number> | undefined): number {
    let share = 0;
    for (const [name, milli] of allocated ?? []) {
      const total = this.#total.get(name) ?? 0;
      if (total > 0) share = Math.max(share, milli / total);
    }
    return share;
  }
}

function addTo(sums: Map<string, number>, resources: Resources, sign: 1 | -1): void {
  for (const [name, milli] of resources.scalarsMilli) {
    const sum = (sums.get(name) ?? 0) + sign * milli;
    if (sum === 0) sums.delete(name);
    else sums.set(name, sum);
  }
}
