// What is done with a post: a reaction, "useful", a reply, an edit, a link, taking
// it away. All have a page and a form; this spares leaving the stream.

import { close as closeSheet } from '../component/popover';
import { announce } from './announce';
import { edit } from './editor';
import { foot, replace } from './list';
import { ask, element, find, findAll, me, parse, say } from './page';
import { notice } from './notice';
import { ended, type Person } from './socket';

interface Stage {
  space: number;
  near: () => Person[];
  // reply makes the next text an answer to a post.
  reply: (post: HTMLElement, name: string) => boolean;
}

export function act(stage: Stage): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const [, id, what] = /^\/berichten\/(\d+)\/(reacties|stem|verwijder)$/.exec(new URL(form.action).pathname) ?? [];
    if (!id || event.defaultPrevented) return;
    const posts = articles(id);
    if (!posts.length) return;
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement | null;
    void change(posts, form, what === 'reacties' && button ? button.value : '');
  });
  document.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>('.lk-sheet a[href]');
    const sheet = link?.closest<HTMLElement>('.lk-sheet');
    const post = sheet?.closest<HTMLElement>('[data-post]');
    if (!link || !sheet || !post) return;
    const path = link.pathname;
    if (path.endsWith('/draad')) {
      if (!stage.reply(post, nameOf(post))) return;
      event.preventDefault();
      closeSheet(false);
    } else if (path.endsWith('/wijzig') && path.startsWith('/berichten/')) {
      event.preventDefault();
      closeSheet(false);
      void edit(post, path, stage.space, stage.near);
    } else if (path.endsWith('/verwijder')) {
      event.preventDefault();
      void inSheet(sheet, path);
    } else if (link.hasAttribute('data-cancel')) {
      event.preventDefault();
      closeSheet(true);
    } else if (link.search.includes('bericht=')) {
      if (!navigator.clipboard) return;
      event.preventDefault();
      void navigator.clipboard.writeText(link.href).then(() => {
        link.textContent = say('copied');
        announce(say('copied'));
        setTimeout(() => closeSheet(true), 900);
      }, () => { location.href = link.href; });
    }
  });
  document.addEventListener('lk-edit-last', (event) => {
    const own = findAll(`[data-post][data-author="${me}"]:not(.is-deleted)`).filter((e) => !e.closest('.is-pending'));
    const last = own[own.length - 1];
    if (!last) return;
    event.preventDefault();
    last.scrollIntoView({ block: 'nearest' });
    void edit(last, `/berichten/${last.dataset['post']}/wijzig`, stage.space, stage.near);
  });
}

function articles(id: string): HTMLElement[] { return findAll(`[data-post="${id}"]`); }

export function nameOf(post: HTMLElement): string { return find('.lk-post-name', post)?.textContent ?? say('gone'); }

// inSheet shows the next question in the sheet that is open.
async function inSheet(sheet: HTMLElement, path: string): Promise<void> {
  const answer = await ask(path + '?deel=1', 'sheet');
  if (!answer.ok) {
    location.href = path;
    return;
  }
  sheet.innerHTML = await answer.text();
  find('button, a', sheet)?.focus();
}

// change sends a form of a post, and brings the post to what it is after that.
async function change(posts: HTMLElement[], form: HTMLFormElement, emoji: string): Promise<void> {
  if (form.dataset['busy']) return;
  form.dataset['busy'] = '1';
  const data = new FormData(form);
  if (emoji) data.set('emoji', emoji);
  const undo = emoji ? posts.map((post) => toggle(post, emoji)) : pressed(form);
  if (form.closest('.lk-sheet')) closeSheet(true);
  try {
    const answer = await ask(new URL(form.action).pathname, 'post', data);
    const text = await answer.text();
    if (answer.ok) return posts.forEach((post) => replace(post, text, Number(parse(text)?.dataset['rev'] ?? 0)));
    if (answer.status === 401) ended();
    throw new Error(answer.status < 500 && answer.status !== 401 && text.length < 500 ? text : '');
  } catch (error) {
    undo.forEach((back) => back());
    const why = parse(`<p>${(error as Error).message}</p>`)?.textContent;
    notice('act', why && !(error instanceof TypeError) ? why : say('not_done'));
  } finally {
    delete form.dataset['busy'];
  }
}

// toggle shows at once what a reaction will be, and returns how it was.
function toggle(post: HTMLElement, emoji: string): () => void {
  const chips = findAll('.lk-chips button', post) as HTMLButtonElement[];
  let chip = chips.find((b) => b.value === emoji);
  if (chip) {
    step(chip);
    return () => step(chip!);
  }
  const form = find('.lk-chips', post) ?? foot(post).appendChild(Object.assign(element('form', 'lk-chips'), { method: 'post', action: `/berichten/${post.dataset['post']}/reacties` }));
  chip = element('button', 'lk-chip');
  chip.name = 'emoji';
  chip.value = emoji;
  chip.append(element('span', 'lk-chip-emoji', emoji), ' ', element('span', '', '0'));
  form.append(chip);
  step(chip);
  return () => chip!.remove();
}

function pressed(form: HTMLFormElement): (() => void)[] {
  const chip = find('.lk-chip', form);
  if (!chip) return [];
  step(chip);
  return [() => step(chip)];
}

// step presses a chip, or takes that back, with its count.
function step(chip: HTMLElement): void {
  const on = chip.getAttribute('aria-pressed') !== 'true';
  chip.setAttribute('aria-pressed', String(on));
  let count = chip.querySelector<HTMLElement>('span:last-child');
  if (!count || !/^\d+$/.test(count.textContent!)) chip.append((count = element('span', '', '0')));
  const n = Number(count.textContent) + (on ? 1 : -1);
  if (n > 0) count.textContent = String(n);
  else count.remove();
  chip.hidden = n <= 0 && chip.classList.contains('lk-chip') && (chip as HTMLButtonElement).name === 'emoji';
}
