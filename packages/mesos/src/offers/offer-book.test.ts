import { expect, test } from 'vitest';
import { anOffer, aRequest } from '../../test/offers/build-offer.ts';
import type { WireOffer } from '../wire/index.ts';
import { matchOffers } from './match-offers.ts';
import { OfferBook } from './offer-book.ts';

function aBook(options: { readonly holdMs?: number; readonly maxOffers?: number } = {}): OfferBook {
  return new OfferBook({ holdMs: 10_000, maxOffers: 100, ...options });
}

function idsOf(offers: readonly WireOffer[]): readonly string[] {
  return offers.map(({ id }) => id.value);
}

test('a rescinded offer is used no more, and the book says whether it was in hand (#33) (O20)', () => {
  const book = aBook();
  const offers = [anOffer(), anOffer({ agent: 'a2' })];
  book.add(offers, 0);
  const [first = '', second = ''] = idsOf(offers);
  expect(book.rescind(first)).toBe(true);
  expect(book.rescind(first)).toBe(false);
  expect(book.all()).toEqual([offers[1]]);
  book.take([second]);
  expect(book.rescind(second)).toBe(false);
});

test('a held offer that the master times out leaves the book before its time (#35)', () => {
  const book = aBook();
  const offer = anOffer();
  book.add([offer], 0);
  book.rescind(offer.id.value);
  expect(book.nextDeadlineMs).toBeUndefined();
  expect(book.expired(20_000)).toEqual([]);
});

test('an offer is given out once: for an ACCEPT, or for a DECLINE (O19)', () => {
  const book = aBook({ maxOffers: 0 });
  const offers = [anOffer(), anOffer()];
  book.add(offers, 0);
  const [first = '', second = ''] = idsOf(offers);
  expect(book.take([first, 'unknown', first])).toEqual([offers[0]]);
  expect(book.overflow()).toEqual([offers[1]]);
  expect(book.take([first, second])).toEqual([]);
  expect(book.expired(20_000)).toEqual([]);
});

test('each is held for its time, from when it came', () => {
  const book = aBook();
  const [early, late] = [anOffer(), anOffer()];
  book.add([early], 1_000);
  book.add([late, early], 4_000);
  expect(book.size).toBe(2);
  expect(book.nextDeadlineMs).toBe(11_000);
  expect(book.expired(10_999)).toEqual([]);
  expect(book.expired(11_000)).toEqual([early]);
  expect(book.nextDeadlineMs).toBe(14_000);
});

test('offers beyond the cap go back, the oldest first (#43)', () => {
  const book = aBook({ maxOffers: 2 });
  const offers = [anOffer(), anOffer(), anOffer()];
  book.add(offers, 0);
  expect(book.overflow()).toEqual([offers[0]]);
  expect(book.overflow()).toEqual([]);
  expect(book.all()).toEqual(offers.slice(1));
});

test('the roles’ offers are kept apart, those without a role are everybody’s', () => {
  const book = aBook();
  const { allocation_info: _, ...old } = anOffer();
  const [web, db] = [anOffer({ role: 'web' }), anOffer({ role: 'db' })];
  book.add([web, db, old], 0);
  expect(book.all('db')).toEqual([db, old]);
  expect(book.all()).toEqual([web, db, old]);
});

test('a new subscription voids all offers in hand', () => {
  const book = aBook();
  book.add([anOffer()], 0);
  book.clear();
  expect(book.size).toBe(0);
});

test('offers that were held before a SUPPRESS still launch tasks (O17)', () => {
  const book = aBook();
  const offer = anOffer();
  book.add([offer], 0);
  const { launches } = matchOffers({ requests: [aRequest()], offers: book.all(), epochMs: 0 });
  expect(launches[0]?.offers).toEqual([offer]);
});
