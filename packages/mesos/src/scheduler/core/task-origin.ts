/**
 * Where a task comes from. `stray`: it runs in Mesos though it has no business to: another attempt has taken its place.
 * `asked`: a deletion has named it, and nobody here knows it; a KILL finds out whether Mesos does.
 */
export type TaskOrigin = 'submitted' | 'restored' | 'adopted' | 'stray' | 'asked';

interface OriginRules {
  /** What becomes of it is told to the owner, who can find it by its id. Others are only kept until they are dead. */
  readonly isOwners: boolean;
  /** Its first record is what Mesos has told. */
  readonly isAdopted: boolean;
}

const rules: Readonly<Record<TaskOrigin, OriginRules>> = {
  submitted: { isOwners: true, isAdopted: false },
  restored: { isOwners: true, isAdopted: false },
  adopted: { isOwners: true, isAdopted: true },
  stray: { isOwners: false, isAdopted: false },
  asked: { isOwners: false, isAdopted: false },
};

export function isOwners({ origin }: { readonly origin: TaskOrigin }): boolean {
  return rules[origin].isOwners;
}

export function isAdopted({ origin }: { readonly origin: TaskOrigin }): boolean {
  return rules[origin].isAdopted;
}
