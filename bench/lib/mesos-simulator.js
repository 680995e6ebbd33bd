// The simulated cluster whose tasks are real processes, in a process of its own.
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { serve } from './mesos-process.js';

let simulator;

serve({
  async start({ agents }) {
    simulator = await MesosSimulator.open({ agents });
    return { url: simulator.url };
  },
  stop: () => simulator.stop(),
});
