// A thread beside its channel, where there is room; else its link leads to a page
// of its own. And how many replies a post has, kept as they come.

import { dress } from '../component/dress';
import { foot, List } from '../live/list';
import { ask, element, find, findAll, parse, say } from '../live/page';
import type { Post } from '../live/socket';

// threads opens and closes the thread beside a list; opened is told which list is
// there now, if any. It returns what must be told of each new post.
export function threads(main: List, opened: (list: List | null, form: HTMLFormElement | null) => void): (post: Post, list: List) => void {
  const beside = find('.lk-aside');
  let before: ChildNode[] = [];
  document.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>('[data-thread]');
    if (link && beside && matchMedia('(min-width: 72rem)').matches) {
      event.preventDefault();
      void open(link);
    } else if (target.closest('[data-close-thread]')) {
      event.preventDefault();
      close();
    }
  });

  async function open(link: HTMLAnchorElement): Promise<void> {
    const answer = await ask(link.pathname + '?deel=1', 'thread');
    const part = answer.ok && parse(await answer.text());
    if (!part) {
      location.href = link.href;
      return;
    }
    dress(part);
    rename(part);
    if (!find('[data-close-thread]', beside!)) before = Array.from(beside!.childNodes);
    beside!.replaceChildren(part);
    opened(new List(find('[data-live]', part)!), find('form[data-composer]', part) as HTMLFormElement | null);
    (find('textarea', part) ?? find('[data-close-thread]', part))?.focus();
  }

  function close(): void {
    const root = find('[data-thread-of]', beside!)?.dataset['threadOf'];
    beside!.replaceChildren(...before);
    opened(null, null);
    (find(`[data-thread="${root}"]`) ?? find('.lk-composer textarea'))?.focus();
  }

  return (post, list) => { if (list === main && main.isChannel && post.parent) bump(main, post); };
}

// rename keeps ids apart: the same posts stand in the channel.
function rename(part: HTMLElement): void {
  findAll('[id^=post-], [aria-labelledby^=post-]', part).forEach((e) => {
    if (e.id) e.id = 'draad-' + e.id;
    const by = e.getAttribute('aria-labelledby');
    if (by) e.setAttribute('aria-labelledby', 'draad-' + by);
  });
}

// bump counts a new reply at the post its thread hangs under.
function bump(main: List, post: Post): void {
  let root = find(`[data-post="${post.parent}"]`, main.items);
  for (let to = root && find('.lk-post-to a', root); root && to; to = root && find('.lk-post-to a', root)) {
    root = find(to.getAttribute('href')!, main.items);
  }
  if (!root || root.classList.contains('is-deleted')) return;
  let link = find('.lk-post-thread', root) as HTMLAnchorElement | null;
  if (!link) {
    link = element('a', 'lk-post-thread');
    link.href = `/berichten/${root.dataset['post']}/draad`;
    link.dataset['thread'] = root.dataset['post']!;
    foot(root).append(link);
  }
  const n = Number(link.dataset['replies'] ?? link.textContent!.match(/\d+/)?.[0] ?? 0) + 1;
  link.dataset['replies'] = String(n);
  link.replaceChildren(element('span', '', `${n} ${n === 1 ? say('reply_one') : say('reply_many')}`));
}
