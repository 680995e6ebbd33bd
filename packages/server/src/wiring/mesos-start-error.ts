import type { AnyMesosError } from '@vibrissa/mesos';

import type { Config } from '../config/schema.ts';
import { isMesosError, sentence } from '../containers/mesos/error-words.ts';
import { inSettingNames } from './mesos-option-text.ts';
import { StartError } from './start-error.ts';

/** The Mesos client's, while no attempt has failed. */
const NOBODY_ANSWERED = 'no master has answered yet';

interface Words {
  readonly message: string;
  readonly mend: string;
}

function reasonOf({ reason }: { readonly reason: string }): string {
  return inSettingNames(sentence(reason));
}

/** ZooKeeper's client tries on in silence. */
function whyNoMaster(error: { readonly reason: string }, masters: string): string {
  const isSilent = /^zk:/i.test(masters) && error.reason === NOBODY_ANSWERED;
  return isSilent
    ? "ZooKeeper has named no leading master: none of its servers answers, or the path is not that of the masters' own --zk."
    : reasonOf(error);
}

function wordsOf(error: AnyMesosError, { mesos, dataDir }: Config): Words | undefined {
  const { masterUrl: masters, role, timeouts } = mesos;
  switch (error.code) {
    case 'NO_MASTER':
      return {
        message: `No Mesos master at ${masters} took the framework within ${Math.round(timeouts.subscribe / 1000)} s: ${whyNoMaster(error, masters)}`,
        mend: 'Name the masters (--mesos-master http://HOST:5050), and see that they run and can be reached from here.',
      };
    case 'WRONG_CREDENTIALS':
      return {
        message: `Mesos refuses the framework's credentials: ${reasonOf(error)}`,
        mend: "Give what the master's --credentials file says: --set mesos.principal=NAME --set mesos.secretFile=FILE",
      };
    case 'SUBSCRIPTION_REFUSED':
      return {
        message: `Mesos refuses the framework (role ${role}): ${reasonOf(error)}`,
        mend: 'Use a role that the master allows this principal: --set mesos.role=ROLE',
      };
    case 'NOT_A_MESOS_MASTER':
      return {
        message: `What answers at ${masters} is no Mesos master: ${reasonOf(error)}`,
        mend: 'Give the address of a master, usually port 5050, without a path: --mesos-master http://HOST:5050',
      };
    case 'NOT_LEADER':
      return {
        message: 'Another platform has taken over the framework of this data directory.',
        mend: 'Stop that one; each platform has a data directory of its own.',
      };
    case 'INVALID_MASTERS':
      return {
        message: inSettingNames(error.message),
        mend: 'Write --mesos-master http://HOST:5050, zk://HOST:2181/mesos, or dns:NAME:5050.',
      };
    case 'INVALID_OPTIONS':
      return {
        message: inSettingNames(error.message),
        mend: 'Mend the settings of group mesos: vibrissa config explain',
      };
    case 'STATE_IN_USE':
    case 'STATE_FORMAT':
    case 'STATE_CORRUPT':
    case 'STATE_UNUSABLE':
      return {
        message: `What is known of the Mesos framework can't be used: ${error.message}`,
        mend: `Mend the disk or the permissions of ${dataDir}/mesos; without that directory the platform is a new framework, and the tasks of the old one end with its failover timeout.`,
      };
    default:
      return undefined;
  }
}

/** Of a disk that takes nothing. */
const DISK_ERRORS: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

function diskWordsOf(error: unknown, { dataDir }: Config): Words | undefined {
  if (!(error instanceof Error) || !('code' in error) || !DISK_ERRORS.has(error.code)) return undefined;
  return {
    message: `What has to be kept of the Mesos framework can't be written to ${dataDir}/mesos: ${error.message}`,
    mend: 'Make room on that disk, or mend it, and start again: framework and tasks wait in the cluster for mesos.timeouts.failover.',
  };
}

/** The error that an operator is told when the platform can't become a framework; any other one as it is. */
export function mesosStartError(error: unknown, config: Config): unknown {
  const words = (isMesosError(error) ? wordsOf(error, config) : undefined) ?? diskWordsOf(error, config);
  return words ? new StartError('MESOS_UNUSABLE', { ...words, cause: error }) : error;
}
