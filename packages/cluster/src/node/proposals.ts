export interface ProposalOrigin {
  readonly from: string;
  readonly request: number;
}

/** The proposals under way on the leader: a command that comes twice is proposed once at a time. */
export class Proposals {
  readonly #open = new Map<number, { readonly commandId?: string; readonly origin?: ProposalOrigin }>();
  readonly #commands = new Set<string>();
  #last = 0;

  /** Undefined: it is under way. */
  begin(commandId: string, origin?: ProposalOrigin): number | undefined {
    if (this.#commands.has(commandId)) return undefined;
    this.#commands.add(commandId);
    this.#last += 1;
    this.#open.set(this.#last, { commandId, ...(origin && { origin }) });
    return this.#last;
  }

  beginForeign(): number {
    this.#last += 1;
    return this.#last;
  }

  /** From which instance it came, if not from this one. */
  ended(proposal: number): ProposalOrigin | undefined {
    const open = this.#open.get(proposal);
    this.#open.delete(proposal);
    if (open?.commandId !== undefined) this.#commands.delete(open.commandId);
    return open?.origin;
  }
}
