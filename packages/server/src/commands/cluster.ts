import { clusterStatus } from './cluster-status.ts';
import type { Command } from './command.ts';

/** `vibrissa cluster …` */
export const cluster: Command = {
  name: 'cluster',
  summary: 'Who leads: of a platform, or of the instances of any clustered framework.',
  commands: [clusterStatus],
};
