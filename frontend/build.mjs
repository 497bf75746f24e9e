// Builds everything a browser gets: node build.mjs
//
// app.css    tokens, the design system's parts that are used, our own styles
// NAME.css   look/../NAME/NAME.page.css, for the few pages that carry their own
// NAME.js    NAME/NAME.ts for every folder that has one, and app.ts
// icons.svg  the icons that component/icon.go names
//
// Files go to assets/dist under a name with a hash, each beside its .gz and
// .br, and manifest.json tells the server which is which. No plug-in, no server.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import * as esbuild from 'esbuild';
import { addTokens, dropUnused, physical, settleTokens } from './build/styles.mjs';
import { sprite } from './build/icons.mjs';

const home = dirname(fileURLToPath(import.meta.url));
const out = join(home, 'assets/dist');

// The oldest browsers whose syntax we write for. What they lack is written
// twice in the styles or does without.
const scriptTarget = 'es2019';
const styleTarget = ['safari13', 'chrome80', 'firefox78', 'edge88'];

// Compressed bytes that may go over the line (look at issue and design: a page
// of the forum 20 KB of script, all styles 15 KB).
const budgets = { 'app.css': 15 * 1024, 'app.js': 8 * 1024 };

const started = Date.now();
const files = await sources();
await clean();
const manifest = {};
const sizes = [];

await Promise.all([styles(), scripts(), icons(), mark()]);
await writeFile(join(out, 'manifest.json'), JSON.stringify(sorted(manifest), null, 1) + '\n');
report();

async function styles() {
  const of = (folder) => files.filter((f) => dirname(f) === folder && f.endsWith('.css') && !f.endsWith('.page.css'));
  const pages = [...new Set(files.map(dirname))].filter((d) => !['.', 'look', 'layout', 'component', 'style'].includes(d));
  const entry = [
    'look/design-system.css', 'look/base.css', ...of('component'), ...of('layout'), ...pages.flatMap(of),
  ];
  const markup = (await Promise.all(files.filter((f) => /\.(templ|go)$/.test(f) && !f.endsWith('_templ.go')).map(read))).join('\n');
  const [system, own, light, dark, theme] = await Promise.all([
    bundle([entry[0]]), bundle(entry.slice(1)), bundle(['look/tokens.css']), bundle(['look/dark.css']),
    readFile(join(home, 'node_modules/@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css'), 'utf8'),
  ]);
  const parts = await minify(physical(settleTokens(dropUnused(system, markup), { theme, light }) + own));
  await emit('app.css', addTokens({ parts, light, dark, theme }));
  for (const f of files.filter((f) => f.endsWith('.page.css'))) {
    await emit(basename(f).replace('.page.css', '.css'), await minify(physical(await bundle([f]))));
  }
}

async function minify(css) {
  return (await esbuild.transform(css, { loader: 'css', minify: true, target: styleTarget, legalComments: 'none' })).code.trim();
}

async function bundle(paths) {
  const result = await esbuild.build({
    stdin: { contents: paths.map((p) => `@import "./${p}";`).join('\n'), resolveDir: home, loader: 'css' },
    bundle: true, minify: true, write: false, target: styleTarget, legalComments: 'none', logLevel: 'warning',
  });
  return result.outputFiles[0].text.trim();
}

async function scripts() {
  const entries = files.filter((f) => f === 'app.ts' || f === `${dirname(f)}/${basename(dirname(f))}.ts`);
  const result = await esbuild.build({
    entryPoints: entries.map((f) => ({ in: join(home, f), out: basename(f, '.ts') })),
    bundle: true, minify: true, splitting: true, format: 'esm', target: scriptTarget, write: false, metafile: true,
    outdir: out, entryNames: '[name]-[hash]', chunkNames: 'part-[hash]', legalComments: 'none', logLevel: 'warning',
  });
  for (const file of result.outputFiles) {
    const name = basename(file.path);
    await save(name, file.contents);
    const meta = result.metafile.outputs[relative(process.cwd(), file.path)];
    if (meta?.entryPoint) manifest[basename(meta.entryPoint, '.ts') + '.js'] = name;
    await measure(meta?.entryPoint ? basename(meta.entryPoint, '.ts') + '.js' : name, name);
  }
}

async function icons() {
  await emit('icons.svg', await sprite(await read('component/icon.go'), join(home, 'node_modules/lucide-static/icons')));
}

async function mark() {
  await emit('mark.svg', await read('look/mark.svg'));
}

// emit saves a file under a name that changes with its content.
async function emit(logical, text) {
  const dot = logical.lastIndexOf('.');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10);
  const name = `${logical.slice(0, dot)}-${hash}${logical.slice(dot)}`;
  await save(name, Buffer.from(text));
  manifest[logical] = name;
  await measure(logical, name);
}

async function save(name, bytes) {
  const [gz, br] = await Promise.all([
    promisify(zlib.gzip)(bytes, { level: 9 }),
    promisify(zlib.brotliCompress)(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }),
  ]);
  await Promise.all([
    writeFile(join(out, name), bytes), writeFile(join(out, name + '.gz'), gz), writeFile(join(out, name + '.br'), br),
  ]);
}

async function measure(logical, name) {
  const sizeOf = async (end) => (await readFile(join(out, name + end))).length;
  sizes.push({ logical, raw: await sizeOf(''), gz: await sizeOf('.gz'), br: await sizeOf('.br') });
}

function report() {
  const kb = (n) => (n / 1024).toFixed(1).padStart(6);
  for (const s of sizes.sort((a, b) => b.gz - a.gz)) {
    console.log(`${s.logical.padEnd(20)} ${kb(s.raw)} KB  gz ${kb(s.gz)}  br ${kb(s.br)}`);
  }
  console.log(`built in ${Date.now() - started} ms`);
  for (const s of sizes) {
    if (s.gz > (budgets[s.logical] ?? Infinity)) {
      console.error(`${s.logical} is ${s.gz} bytes compressed; at most ${budgets[s.logical]} may be sent`);
      process.exitCode = 1;
    }
  }
}

async function clean() {
  await mkdir(out, { recursive: true });
  for (const f of await readdir(out)) if (f !== '.gitkeep') await rm(join(out, f), { recursive: true });
}

async function sources(folder = '.') {
  const found = [];
  for (const entry of await readdir(join(home, folder), { withFileTypes: true })) {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist', 'build'].includes(entry.name)) found.push(...(await sources(path)));
    } else found.push(path);
  }
  return found.sort();
}

function read(path) { return readFile(join(home, path), 'utf8'); }

function sorted(object) { return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))); }
