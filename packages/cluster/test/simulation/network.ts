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
  /** By link: how many things have cut it. */
  readonly #cut = new Map<string, number>();
  #sent = 0;
  weather: Weather = calm;

  constructor(queue: EventQueue, dice: Dice, deliver: (slot: number, packet: Packet) => void) {
    this.#queue = queue;
    this.#dice = dice;
    this.#deliver = deliver;
  }

  /** What goes from each of these to each of those is lost. Returns what mends it. */
  cut(these: readonly number[], those: readonly number[]): () => void {
    const links = these.flatMap((from) => those.map((to) => `${from}>${to}`));
    for (const link of links) this.#cut.set(link, (this.#cut.get(link) ?? 0) + 1);
    return () => {
      for (const link of links) {
        const left = (this.#cut.get(link) ?? 1) - 1;
        if (left > 0) this.#cut.set(link, left);
        else this.#cut.delete(link);
      }
    };
  }

  /** In both directions. */
  split(these: readonly number[], those: readonly number[]): () => void {
    const mends = [this.cut(these, those), this.cut(those, these)];
    return () => {
      for (const mend of mends) mend();
    };
  }

  /** All at once. */
  heal(): void {
    this.#cut.clear();
    this.calm();
  }

  calm(): void {
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
