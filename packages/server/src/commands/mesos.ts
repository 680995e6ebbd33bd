import type { Command } from './command.ts';
import { mesosPack } from './mesos-pack.ts';
import { mesosStatus } from './mesos-status.ts';
import { mesosTeardown } from './mesos-teardown.ts';

/** `vibrissa mesos …` */
export const mesos: Command = {
  name: 'mesos',
  summary: 'The framework, agents and tasks of a platform on Apache Mesos.',
  commands: [mesosStatus, mesosTeardown, mesosPack],
};
