import { seededRandom } from "./seeded-random.js";
const HEX = '0123456789abcdef';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** The server's `Ids` with values that a seed replays. */
export class SeededIds {
    #random;
    constructor(seed = 1) {
        this.#random = seededRandom(seed);
    }
    activationId() {
        return this.#draw(HEX, 32);
    }
    transactionId() {
        return this.#draw(ALPHANUMERIC, 32);
    }
    uuid() {
        const hex = this.#draw(HEX, 32);
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    }
    key() {
        return this.#draw(ALPHANUMERIC, 64);
    }
    token() {
        return this.#draw(HEX, 32);
    }
    #draw(alphabet, length) {
        let text = '';
        while (text.length < length)
            text += alphabet[Math.floor(this.#random() * alphabet.length)];
        return text;
    }
}
//# sourceMappingURL=seeded-ids.js.map