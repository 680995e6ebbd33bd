// One instance of a framework of several: Marathon starts some of them from one app definition, they find each other in
// Marathon's state, one leads, and whoever leads keeps TASKS tasks running. Prints a line for each change.
import { setTimeout as pause } from 'node:timers/promises';

import { ClusterNode, FileStorage, marathonSeeds, staticSeeds } from '@vibrissa/cluster';
import { ClusteredScheduler, epochFloorFromMesos, serveStatus } from '@vibrissa/mesos-ha';

const {
  CLUSTER_SECRET, //       the same for all, at least 16 characters
  CLUSTER_OLD_SECRET, //   optional: the one before, while it is being changed
  DATA_DIR, //             optional: where an instance that is restarted finds its vote and log again
  HOST = '127.0.0.1', //   Marathon sets this, the ports below, MARATHON_APP_ID and MESOS_TASK_ID
  INSTANCES = '3', //      without Marathon: how many there are to be, and where: 'host:port,host:port'
  MARATHON_APP_ID = '/mesos-ha-framework',
  MARATHON_URL,
  MESOS_MASTER = 'http://127.0.0.1:5050',
  MESOS_TASK_ID,
  PORT_ADMIN = '8080',
  PORT_CLUSTER = '7946',
  SEEDS = `${HOST}:${PORT_CLUSTER}`,
  TASKS = '3',
  TIMING = 'default', //   'fast' where all instances are on one machine; or times: '{"replaceAfterMs":5000}'
} = process.env;

const say = (line) => console.log(`${new Date().toISOString()} ${line}`);
const name = MARATHON_APP_ID.split('/').filter(Boolean).join('.');

if (CLUSTER_SECRET === undefined) {
  console.error(
    'error: CLUSTER_SECRET is missing: give all instances the same text of at least 16 characters.',
  );
  process.exit(1);
}

const cluster = await ClusterNode.open({
  name,
  secrets: [CLUSTER_SECRET, CLUSTER_OLD_SECRET].filter(Boolean),
  listen: { host: '0.0.0.0', port: Number(PORT_CLUSTER) },
  advertise: { host: HOST, port: Number(PORT_CLUSTER) },
  timing: TIMING.startsWith('{') ? JSON.parse(TIMING) : TIMING,
  // Marathon knows how many there are to be.
  ...(MARATHON_URL
    ? { seeds: marathonSeeds({ url: MARATHON_URL, app: MARATHON_APP_ID, port: 'cluster' }) }
    : { seeds: staticSeeds(SEEDS.split(',')), instances: Number(INSTANCES) }),
  ...(MESOS_TASK_ID ? { meta: { seed: MESOS_TASK_ID } } : {}),
  ...(DATA_DIR ? { storage: await FileStorage.open(DATA_DIR, { name }) } : {}),
  // Should all of them have lost everything, their epochs go on growing.
  epochFloor: () => epochFloorFromMesos({ masters: MESOS_MASTER, cluster: name }),
});

const framework = await ClusteredScheduler.open({
  cluster,
  masters: MESOS_MASTER,
  framework: { name, failoverTimeoutMs: 7 * 24 * 3_600_000 },
  // On the instance that leads, for each state of each task.
  onTask: ({ taskId, status }) => say(`task ${taskId}: ${status.state}`),
});

const server = await serveStatus({
  cluster,
  framework,
  // Mesos asks for its health at 127.0.0.1, people and Prometheus at HOST.
  listen: { host: MARATHON_URL ? '0.0.0.0' : HOST, port: Number(PORT_ADMIN) },
  changesTasks: true,
  log: say,
});
say(`instance ${cluster.id} (${MESOS_TASK_ID ?? process.pid}): http://${HOST}:${server.port}/cluster`);

let isLeaving = false;

/** On every instance: the first one to ask gets the task started, and all hear how it ends. */
async function keep(id) {
  while (!isLeaving) {
    try {
      const task = await framework.submit({ id, command: 'exec sleep 100000', cpus: 0.1, memoryMb: 32 });
      await task.ended;
    } catch (error) {
      // Another instance has asked for it.
      if (error.code === 'DUPLICATE_TASK') await framework.task(id)?.ended.catch(() => {});
      else if (!isLeaving) say(`task ${id}: ${error.message}`);
    }
    await pause(1000);
  }
}

for (let number = 1; number <= Number(TASKS); number++) void keep(`sleep-${number}`);

/** Another instance leads before this one is gone. */
async function leave(signal) {
  if (isLeaving) return;
  isLeaving = true;
  say(`${signal}: leaving`);
  await framework.leave();
  await server.close();
  process.exit(0);
}

process.on('SIGTERM', leave);
process.on('SIGINT', leave);
