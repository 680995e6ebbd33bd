import { decodePacket, encodePacket } from '../../src/wire/packet-codec.ts';
import type { Packet } from '../../src/wire/packet.ts';
import type { Dice } from './dice.ts';
import type { EventQueue } from './event-queue.ts';

/** What may happen to a packet on its way. */
interface Weather {
  readonly loss: number;
  readonly doubled: number;
  readonly slowestMs: number;
}

const calm: Weather = { loss: 0, doubled: 0, slowestMs: 5 };

/** Of so many packets one goes through its text, as on a wire: that costs more than all the rest. */
const THROUGH_TEXT = 10;

/** Links between slots, each direction for itself. */
export class Network {
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #deliver: (slot: number, packet: Packet) => void;
  readonly #cut = new Set<string>();
  #sent = 0;
  weather: Weather = calm;

  constructor(queue: EventQueue, dice: Dice, deliver: (slot: number, packet: Packet) => void) {
    this.#queue = queue;
    this.#dice = dice;
    this.#deliver = deliver;
  }

  /** What goes from one to another is lost. */
  cut(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  /** In both directions, between each of these and each of those. */
  split(these: Iterable<number>, those: readonly number[]): void {
    for (const one of these) {
      for (const other of those) {
        this.cut(one, other);
        this.cut(other, one);
      }
    }
  }

  heal(): void {
    this.#cut.clear();
    this.weather = calm;
  }

  send(from: number, to: number, packet: Packet): void {
    const { doubled, loss, slowestMs } = this.weather;
    if (loss > 0 && this.#dice.chance(loss)) return;
    this.#sent += 1;
    const arrived = this.#sent % THROUGH_TEXT === 0 ? throughText(packet) : packet;
    const times = doubled > 0 && this.#dice.chance(doubled) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.#queue.after(this.#dice.between(0.2, slowestMs), () => {
        if (this.#cut.size === 0 || !this.#cut.has(`${from}>${to}`)) this.#deliver(to, arrived);
      });
    }
  }
}

function throughText(packet: Packet): Packet {
  const bytes = encodePacket(packet);
  const arrived = decodePacket(bytes);
  if (!arrived) throw new Error(`an instance has sent what no other would read: ${bytes.toString()}`);
  return arrived;
}
