// The recorded exchanges with a real Mesos name ports between 31000 and 32000, and the simulator that plays them must
// have these to itself: for as long as tests run, all other simulators of this machine take further ranges.
import { createSocket } from 'node:dgram';

/** The sign of the simulator's first range: see port-share.ts there. */
const SIGN_PORT = 32_001;

export default function holdRecordedPorts() {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    const release = () => new Promise((done) => void socket.close(done));
    // Somebody else holds them already: nothing more can be done.
    socket.once('error', () => resolve(release));
    socket.bind({ address: '127.0.0.1', port: SIGN_PORT, exclusive: true }, () => resolve(release));
  });
}
