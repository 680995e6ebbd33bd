/** The proposals under way on the leader: a command that comes twice is proposed once at a time. */
export class Proposals {
  /** By number; the map's alone have commands. */
  readonly #commandIds = new Map<number, string>();
  readonly #underWay = new Set<string>();
  #last = 0;

  /** Undefined: it is under way. */
  begin(commandId: string): number | undefined {
    if (this.#underWay.has(commandId)) return undefined;
    this.#underWay.add(commandId);
    const proposal = this.beginForeign();
    this.#commandIds.set(proposal, commandId);
    return proposal;
  }

  beginForeign(): number {
    this.#last += 1;
    return this.#last;
  }

  ended(proposal: number): void {
    const commandId = this.#commandIds.get(proposal);
    if (commandId === undefined) return;
    this.#commandIds.delete(proposal);
    this.#underWay.delete(commandId);
  }
}
