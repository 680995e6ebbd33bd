import { decodePacket, encodePacket } from '../../src/wire/packet-codec.ts';
import type { Packet } from '../../src/wire/packet.ts';
import type { Dice } from './dice.ts';
import type { EventQueue } from './event-queue.ts';

/** What may happen to a packet on its way. */
export interface Weather {
  readonly loss: number;
  readonly doubled: number;
  readonly slowestMs: number;
}

export const calm: Weather = { loss: 0, doubled: 0, slowestMs: 5 };

/** Links between slots, each direction for itself; packets go through their text, as on a wire. */
export class Network {
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #deliver: (slot: number, packet: Packet) => void;
  readonly #cut = new Set<string>();
  weather: Weather = calm;

  constructor(queue: EventQueue, dice: Dice, deliver: (slot: number, packet: Packet) => void) {
    this.#queue = queue;
    this.#dice = dice;
    this.#deliver = deliver;
  }

  cut(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cut.clear();
    this.weather = calm;
  }

  send(from: number, to: number, packet: Packet): void {
    const { doubled, loss, slowestMs } = this.weather;
    if (this.#dice.chance(loss)) return;
    const bytes = encodePacket(packet);
    const times = this.#dice.chance(doubled) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.#queue.after(this.#dice.between(0.2, slowestMs), () => {
        if (this.#cut.has(`${from}>${to}`)) return;
        const arrived = decodePacket(bytes);
        if (!arrived) throw new Error(`an instance has sent what no other would read: ${bytes.toString()}`);
        this.#deliver(to, arrived);
      });
    }
  }
}
