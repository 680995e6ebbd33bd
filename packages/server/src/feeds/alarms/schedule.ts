/** A date as its owner gave it: epoch milliseconds or an ISO text. */
export type GivenDate = number | string;

/** When an alarm goes off. Dates have been checked. */
export type AlarmSchedule =
  | {
      readonly sort: 'cron';
      readonly cron: string;
      readonly timezone?: string;
      readonly startDate?: GivenDate;
      readonly stopDate?: GivenDate;
      readonly maxTriggers?: number;
      /** False: every tick comes {@link delaySeconds} later. */
      readonly strict?: boolean;
      readonly delaySeconds: number;
    }
  | {
      readonly sort: 'interval';
      readonly minutes: number;
      readonly startDate: GivenDate;
      readonly stopDate?: GivenDate;
    }
  | { readonly sort: 'once'; readonly date: GivenDate; readonly deleteAfterFire: DeleteAfterFire };

/** What goes when an alarm of one date has fired: nothing, its trigger, its trigger with all rules. */
export type DeleteAfterFire = 'false' | 'true' | 'rules';

export function toMs(date: GivenDate): number {
  return new Date(date).getTime();
}
