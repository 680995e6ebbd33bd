import { connect } from 'node:net';

/** A request that isn't whole is waited for: nothing comes within this. */
const SILENCE_MS = 60;

/** Sends bytes, whatever they are. Resolves with what has come when the platform ends the connection, or has said something. */
export function sendPieces(port: number, pieces: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = () => {
      clearTimeout(patience);
      socket.destroy();
      resolve(text);
    };
    const patience = setTimeout(finish, SILENCE_MS);
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      if (text.includes('\r\n\r\n')) finish();
    });
    socket.on('error', () => {});
    socket.on('close', finish);
    for (const piece of pieces) socket.write(piece);
  });
}
