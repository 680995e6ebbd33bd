// Pictures that are developed when they are uploaded, told step by step: `npm run example:pictures`. Each step does what a
// person would type, and is checked.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tell } from '../../scripts/example-world.js';
import { check, eventually } from '../../scripts/story.js';
import { decode } from './lib/png.js';
import { pictures } from './pictures.js';

const here = 'examples/picture-pipeline';

/** Saves a file as a camera or a person would; `text` is read back by `results`. */
function put(world, name, file) {
  world.say(`$ cp ${name} INBOX/`);
  writeFileSync(join(world.directory, 'inbox', name), file);
}

/** The text of a result, as soon as it is there. */
function resultOf(world, name, isAsWanted = () => true) {
  const path = join(world.directory, 'results', name);
  return eventually(`the result ${name}`, () => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.endsWith('\n') && isAsWanted(text) && text;
  });
}

function thumbnailOf(world, name) {
  return decode(readFileSync(join(world.directory, 'results', `${name}.thumbnail.png`)));
}

/** A picture in a terminal: each character shows two pixels, one above the other. */
function show(world, { width, height, pixels }) {
  if (!process.stdout.isTTY) return;
  const colour = (x, y) => pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 3).join(';');
  for (let y = 0; y + 1 < height; y += 2) {
    const row = Array.from(
      { length: width },
      (_, x) => `\x1b[38;2;${colour(x, y)}m\x1b[48;2;${colour(x, y + 1)}m▀`,
    );
    world.say(`${row.join('')}\x1b[0m`);
  }
}

async function deployment(world) {
  world.step('Start a platform.');
  await world.startPlatform();
  const guest = world.guest();
  await guest.setUp();

  world.step(
    'Look at what the manifest would make: three actions, a sequence of them, a trigger and a rule.',
  );
  await guest.wsk('project', 'deploy', '--project', here, '--preview');

  world.step('Deploy it.');
  await guest.wsk('project', 'deploy', '--project', here);
  return guest;
}

async function firstPictures(world, guest) {
  world.step('Start the uploader: it watches a folder, and fires the trigger with each picture in it.');
  await world.startProgram(`${here}/uploader.js`, {
    args: [join(world.directory, 'inbox'), join(world.directory, 'results')],
    env: { API_HOST: world.url, API_KEY: { secret: guest.key, shown: 'KEY' } },
    ready: /^Put PNG pictures into/m,
  });

  world.step('Save three pictures in the folder.');
  for (const [name, file] of Object.entries(pictures)) put(world, name, file);

  world.step('The results appear in the other folder: where and when, by whom, tags, and a thumbnail.');
  const expected = { beach: 'blue', forest: 'green', night: 'dark' };
  const results = {};
  for (const [name, tag] of Object.entries(expected)) {
    world.say(`$ cat RESULTS/${name}.json`);
    const text = await resultOf(world, `${name}.json`);
    world.say(text);
    show(world, thumbnailOf(world, name));
    results[name] = JSON.parse(text);
    check(results[name].tags.includes(tag), `${name} is not tagged ${tag}`);
  }
  const { artist, where } = results.forest.metadata;
  check(results.forest.tags.includes('spring'), 'October in the south is not spring');
  check(artist === 'Grace' && where.latitude === -41.29, 'who and where of the forest are wrong');
  check(thumbnailOf(world, 'beach').width === 48, 'the thumbnail has not the size of the manifest');
  return results;
}

async function howItRan(world, guest, { beach }) {
  world.step('How it ran: the record of the sequence has the activations of its actions as its log.');
  const logs = await guest.wsk('activation', 'logs', beach.activationId);
  const ids = logs.match(/[0-9a-f]{32}/g) ?? [];
  check(ids.length === 3, `the sequence ran ${ids.length} actions`);

  world.step('What each of them said.');
  for (const id of ids) await guest.wsk('activation', 'logs', id, '--strip');
}

async function noPicture(world, guest) {
  world.step("A file that is no picture: the first action says so, and the others don't run.");
  put(world, 'letter.png', 'Dear Ada,\n');
  const said = await resultOf(world, 'letter.error.txt');
  world.say('$ cat RESULTS/letter.error.txt');
  world.say(said);
  check(/letter\.png: it is no PNG picture/.test(said), 'the error does not say what is wrong');

  world.step('So it is with one that was cut off on its way.');
  put(world, 'half.png', pictures['beach.png'].subarray(0, 2000));
  const half = await resultOf(world, 'half.error.txt');
  world.say('$ cat RESULTS/half.error.txt');
  world.say(half);
  await guest.wsk('activation', 'list', '--limit', '6');
}

async function largerThumbnails(world, guest) {
  world.step('Larger thumbnails: the size is a parameter of the action. Nothing is started anew.');
  await guest.wsk('action', 'update', 'pictures/thumbnail', '--param', 'size', '64');
  put(world, 'dusk.png', pictures['beach.png']);
  await resultOf(world, 'dusk.json');
  const { width, height } = thumbnailOf(world, 'dusk');
  world.say(`RESULTS/dusk.thumbnail.png has ${width} × ${height} pixels`);
  check(width === 64 && height === 40, 'the thumbnail has not the new size');
}

function toPlayWith(world, guest) {
  return `Save pictures of yours (PNG, up to 700 kB) in the one folder, and look into the other:

  ${join(world.directory, 'inbox')}
  ${join(world.directory, 'results')}

Change an action in ${here}, and deploy it:

  export WSK_CONFIG_FILE=${guest.configFile}
  npx wsk project deploy --project ${here}
  npx wsk activation list`;
}

await tell('pictures', async (world) => {
  const guest = await deployment(world);
  const results = await firstPictures(world, guest);
  await howItRan(world, guest, results);
  await noPicture(world, guest);
  await largerThumbnails(world, guest);
  return toPlayWith(world, guest);
});
