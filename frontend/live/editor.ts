// Changing one's own words where they stand. The form is the one of the page
// behind the link, and goes to the same address.

import { ask, find, findAll, later, parse, say } from './page';
import { keep, kept } from './kept';
import { replace } from './list';
import { decode, encode, Mentions } from './mention';
import { ended, type Person } from './socket';

// edit puts the form in the place of a post's text.
export async function edit(post: HTMLElement, path: string, space: number, near: () => Person[]): Promise<void> {
  const open = find(`[data-edit="${post.dataset['post']}"]`);
  if (open) return find('textarea', open)?.focus();
  const answer = await ask(path + '?deel=1', 'edit');
  const box = answer.ok && parse(await answer.text());
  if (!box) {
    location.href = path; // the page itself says what is wrong
    return;
  }
  // Under an id of its own it is not taken for the text, when a newer state of
  // the post comes while it is being edited.
  box.id = `bewerkt-${box.dataset['edit']}`;
  post.classList.add('is-editing');
  post.insertBefore(box, find(':scope > .lk-text', post));
  fill(box, post, space, near);
}

// fill makes a form for editing send itself. Without a post around it, on a page
// of its own, it goes as a form does.
export function fill(box: HTMLElement, post: HTMLElement | null, space: number, near: () => Person[]): void {
  const form = find('form', box) as HTMLFormElement;
  const area = find('textarea', form) as HTMLTextAreaElement;
  const key = `edit:${box.dataset['edit']}`;
  const names = new Map(findAll('[data-mentioned] > li', box).map((li) => [li.dataset['person']!, li.dataset['name']!] as [string, string]));
  find('[data-mentioned]', box)?.remove();
  const store = () => keep(key, { text: area.value, named: mentions.named });
  const mentions = new Mentions(area, space, near, store);
  const { text, named } = kept<ReturnType<typeof decode>>(key) ?? decode(area.value, names);
  area.value = text;
  mentions.named = named;
  area.addEventListener('input', later(store, 250));
  area.addEventListener('keydown', (event) => {
    if (event.isComposing || mentions.key(event)) return;
    const atOnce = post?.classList.contains('lk-post--channel') && matchMedia('(hover: hover) and (pointer: fine)').matches && !event.shiftKey;
    if (event.key === 'Escape' && post) close();
    if (event.key === 'Enter' && (atOnce || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      find('button[type=submit]', form)!.click();
    }
  });
  form.addEventListener('submit', (event) => {
    if (!post) {
      area.value = encode(area.value, mentions.named);
      return keep(key, null);
    }
    event.preventDefault();
    void save();
  });
  if (!post) return;
  find('[data-cancel]', form)!.addEventListener('click', (event) => {
    event.preventDefault();
    close();
  });
  area.dispatchEvent(new Event('input', { bubbles: true }));
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);

  function close(): void {
    keep(key, null);
    box.remove();
    post!.classList.remove('is-editing');
    find('.lk-post-more', post!)?.focus();
  }

  async function save(): Promise<void> {
    const data = new FormData(form);
    data.set('body', encode(area.value, mentions.named));
    try {
      const answer = await ask(new URL(form.action).pathname, 'post', data);
      const text = await answer.text();
      if (answer.status === 401) ended();
      if (!answer.ok) return tell(answer.status < 500 && answer.status !== 401 && text.length < 500 ? text : say('not_done'));
      close();
      replace(post!, text, Number(parse(text)?.dataset['rev'] ?? 0));
    } catch {
      tell(say('not_done'));
    }
  }

  function tell(text: string): void {
    find('[data-line]', form)!.textContent = parse(`<p>${text}</p>`)?.textContent ?? text;
  }
}
