// A framework in one file: subscribes, launches tasks that serve HTTP, calls them, reads their logs, deletes them, and
// removes itself. MESOS_MASTER says where (default http://127.0.0.1:5050), TASKS how many.
import { MemoryFrameworkState, MesosScheduler } from '@vibrissa/mesos';

const server = `
  const http = require('http');
  const answer = 'hello from ' + process.env.NAME;
  http.createServer((request, response) => {
    console.log(request.method, request.url);
    response.end(answer);
  }).listen(process.env.PORT0, () => console.log('listening on', process.env.PORT0));
`;

const scheduler = await MesosScheduler.open({
  masters: process.env.MESOS_MASTER ?? 'http://127.0.0.1:5050',
  framework: { name: 'sample', roles: ['*'] },
  state: new MemoryFrameworkState(),
  // Mesos gets its acknowledgement when this has returned; when it throws, Mesos tells the update again.
  onTask: ({ taskId, status }) =>
    console.log(`${taskId}: ${status.state}${status.message ? ` (${status.message})` : ''}`),
  onNotice: (notice) => {
    if (notice.kind === 'lost' || notice.kind === 'warning') console.log(notice);
  },
});

try {
  console.log(`framework ${await scheduler.subscribe()}`);

  const tasks = Array.from({ length: Number(process.env.TASKS ?? 3) }, (_, index) =>
    scheduler.submit({
      id: `hello-${index + 1}`,
      env: { NAME: `hello-${index + 1}` },
      command: { program: process.execPath, arguments: ['-e', server] },
      cpus: 0.1,
      memoryMb: 64,
      ports: [{ name: 'http' }],
      healthCheck: { type: 'HTTP', delayMs: 0, intervalMs: 500 },
    }),
  );

  // A task with a health check is running when it was found healthy.
  for (const running of await Promise.all(tasks.map((task) => task.running))) {
    const { host, port } = running.endpoint;
    const answer = await (await fetch(`http://${host}:${port}/`)).text();
    console.log(`http://${host}:${port}/ → ${answer}`);
    for await (const line of running.logs({ lines: 1 })) console.log(`${running.taskId} wrote: ${line}`);
  }

  for (const task of tasks) {
    const { kind, state } = await scheduler.delete(task.id);
    console.log(`deleted ${task.id}: ${kind} ${state ?? ''}`);
  }
  // The framework and whatever it still runs are gone after this; close() alone would leave both.
  await scheduler.teardown();
  console.log('torn down');
} finally {
  await scheduler.close();
}
