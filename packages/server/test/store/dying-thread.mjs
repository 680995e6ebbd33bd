// The store thread's own program, which dies when it is asked for an entity of the name `die`.
import { parentPort, workerData } from 'node:worker_threads';

const listen = parentPort.on.bind(parentPort);
parentPort.on = (event, listener) =>
  listen(event, (request) => {
    if (request.name === 'entities.typeOf' && request.args[1] === 'die') process.exit(1);
    listener(request);
  });
await import(workerData.program);
