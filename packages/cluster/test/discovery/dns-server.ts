import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A small DNS server: answers SRV questions from a table, and says of other names that they don't exist. */
export async function openDnsServer(
  table: Readonly<Record<string, readonly { port: number; name: string }[]>>,
) {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const { name, end } = readName(question, 12);
    const services = table[name] ?? [];
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(services.length > 0 ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(services.length, 6);
    const records = services.map((service) => {
      const target = encodeName(service.name);
      const record = Buffer.alloc(18);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(33, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(60, 6);
      record.writeUInt16BE(6 + target.length, 10);
      record.writeUInt16BE(service.port, 16);
      return Buffer.concat([record, target]);
    });
    socket.send(Buffer.concat([header, question.subarray(12, end + 4), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => new Promise<void>((resolve) => socket.close(resolve)) };
}

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}
