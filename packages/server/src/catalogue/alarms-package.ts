import { BUILT_IN, type CatalogueAction, type CataloguePackage } from './catalogue-definition.ts';

const payload = {
  name: 'trigger_payload',
  required: false,
  type: 'object',
  description: 'What the trigger is fired with',
} as const;
const startDate = {
  name: 'startDate',
  required: false,
  description: 'When it begins: milliseconds, or a date such as 2030-01-31T12:00:00Z',
} as const;
const stopDate = { ...startDate, name: 'stopDate', description: 'When it ends' } as const;

const alarm: CatalogueAction = {
  name: 'alarm',
  description: 'Fire trigger when alarm occurs',
  isFeed: true,
  code: BUILT_IN,
  documented: [
    {
      name: 'cron',
      required: true,
      type: 'string',
      description: 'A cron expression of five fields, or of six with seconds in front',
    },
    {
      name: 'timezone',
      required: false,
      type: 'string',
      description: 'The time zone of the expression, such as Europe/Berlin; without: UTC',
    },
    payload,
    startDate,
    stopDate,
    { name: 'maxTriggers', required: false, type: 'integer', description: 'Ends after so many fires' },
    {
      name: 'strict',
      required: false,
      type: 'boolean',
      description: 'False spreads expressions of five fields over the minute',
    },
  ],
  sampleInput: { cron: '0 9 * * MON-FRI', timezone: 'Europe/Berlin', trigger_payload: { name: 'Odin' } },
  sampleOutput: { status: 'success' },
};

const interval: CatalogueAction = {
  name: 'interval',
  description: 'Fire trigger at specified interval',
  isFeed: true,
  code: BUILT_IN,
  documented: [
    { name: 'minutes', required: true, type: 'integer', description: 'Minutes between two fires' },
    payload,
    startDate,
    stopDate,
  ],
  sampleInput: { minutes: 2, trigger_payload: { name: 'Odin' } },
  sampleOutput: { status: 'success' },
};

const once: CatalogueAction = {
  name: 'once',
  description: 'Fire trigger once when alarm occurs',
  isFeed: true,
  code: BUILT_IN,
  documented: [
    { ...startDate, name: 'date', required: true, description: 'When it fires' },
    payload,
    {
      name: 'deleteAfterFire',
      required: false,
      type: 'string',
      description: 'false; true: deletes the trigger afterwards; rules: and its rules',
    },
  ],
  sampleInput: { date: '2030-12-25T12:30:00.000Z', deleteAfterFire: 'rules' },
  sampleOutput: { status: 'success' },
};

/** `/whisk.system/alarms`: feeds that fire a trigger at times. */
export const alarmsPackage: CataloguePackage = {
  name: 'alarms',
  description: 'Alarms and periodic utility',
  documented: [{ ...payload }],
  actions: [alarm, interval, once],
};
