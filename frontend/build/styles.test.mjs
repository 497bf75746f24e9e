import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTokens, dropUnused, physical, settleTokens } from './styles.mjs';

test('rules of classes that nobody names go, also inside @media', () => {
  const css = '.a{color:red}.b,.a:hover{color:blue}@media print{.b{color:red}}@keyframes x{to{opacity:0}}.a:not(.b){top:0}';
  assert.equal(dropUnused(css, 'class="a"'), '.a{color:red}.a:hover{color:blue}@keyframes x{to{opacity:0}}.a:not(.b){top:0}');
});

test('tokens of components become the basis tokens they stand for', () => {
  const theme = '.t{--nl-x-color:var(--basis-color-1);--nl-x-gap:4px;--basis-color-1:red}';
  const css = '.x{color:var(--nl-x-color);gap:var(--nl-x-gap, 1px);width:var(--nl-none, 2px);top:var(--nl-open)}';
  assert.equal(settleTokens(css, { theme, light: '' }), '.x{color:var(--basis-color-1);gap:4px;width:2px;top:var(--nl-open)}');
});

test('our own tokens win, and what a rule sets itself stays', () => {
  const theme = '.t{--nl-x-gap:4px;--nl-y:1px}';
  const css = '.x{--nl-y:9px;gap:var(--nl-x-gap);top:var(--nl-y)}';
  assert.equal(settleTokens(css, { theme, light: ':root{--nl-x-gap:8px}' }), '.x{--nl-y:9px;gap:8px;top:var(--nl-y)}');
});

test('only the tokens that are used are sent, dark ones for the screen alone', () => {
  const css = addTokens({
    parts: '.x{color:var(--basis-a)}',
    light: ':root{--basis-a:var(--basis-b);--lk-none:1px}',
    dark: ':root{--basis-a:black}',
    theme: '.t{--basis-a:pink;--basis-b:white;--basis-c:red}',
  });
  assert.equal(css, ':root{--basis-b:white}:root{--basis-a:var(--basis-b);}' +
    '@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){--basis-a:black}}' +
    '@media screen{:root[data-theme=dark]{--basis-a:black}}.x{color:var(--basis-a)}');
});

test('logical properties become physical ones, but not where people write', () => {
  assert.equal(physical('.x{inset-block:0 auto;padding-inline:1px;min-inline-size:2px;border-block-end:1px solid var(--a, b)}'),
    '.x{top:0;bottom:auto;padding-left:1px;padding-right:1px;min-width:2px;border-bottom:1px solid var(--a, b)}');
  assert.equal(physical('@media print{.x{margin-inline-start:calc(1px + 2px)}}'), '@media print{.x{margin-left:calc(1px + 2px)}}');
  assert.equal(physical('.lk-text ul{padding-inline-start:1rem}'), '.lk-text ul{padding-inline-start:1rem}');
});
