import type { Agent } from './entities.ts';

/**
 * Agents at which the next allocation has to look: something has changed there since it last found nobody. So an
 * allocation costs by what has changed, not by the number of agents.
 */
export class Candidates {
  readonly #agents = new Set<Agent>();
  readonly #withResources = new Set<Agent>();

  get isEmpty(): boolean {
    return this.#agents.size === 0;
  }

  add(agent: Agent): void {
    this.#agents.add(agent);
  }

  /** Somebody wants offers anew: each agent that has something left. */
  addAll(): void {
    for (const agent of this.#withResources) this.#agents.add(agent);
  }

  delete(agent: Agent): void {
    this.#agents.delete(agent);
    this.#withResources.delete(agent);
  }

  /** To be called when what an agent has left has changed. */
  resourcesChanged(agent: Agent): void {
    if (agent.available.isEmpty) this.#withResources.delete(agent);
    else this.#withResources.add(agent);
  }

  take(): Agent[] {
    const agents = [...this.#agents];
    this.#agents.clear();
    return agents;
  }
}
