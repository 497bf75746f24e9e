// While a question is being typed: what looks like it and stands there already.

import { ask, element, find, findAll, later } from '../live/page';
import { keep, kept } from '../live/kept';

export function similar(form: HTMLFormElement): void {
  keepTyped(form);
  const box = find('[data-similar]', form), title = find('input[name=title]', form) as HTMLInputElement | null;
  if (!box || !title) return;
  let last = '';
  title.addEventListener('input', later(() => void look(), 350));

  async function look(): Promise<void> {
    const q = title!.value.trim();
    if (q.length < 8 || q === last) return;
    last = q;
    try {
      const answer = await ask(`/ruimtes/${form.dataset['space']}/nieuw?soort=question&titel=${encodeURIComponent(q.slice(0, 200))}`, 'similar');
      if (!answer.ok || q !== last) return;
      box!.innerHTML = await answer.text();
      findAll('a', box!).forEach((link) => { (link as HTMLAnchorElement).target = '_blank'; }); // what was typed stays here
      if (!form.querySelector('[name=sure]')) form.append(Object.assign(element('input'), { type: 'hidden', name: 'sure', value: 'ja' }));
    } catch {
      // the page asks the same when the question is sent
    }
  }
}

// keepTyped keeps a new conversation that is not yet placed.
function keepTyped(form: HTMLFormElement): void {
  const key = `start:${form.dataset['space']}:${form.querySelector<HTMLInputElement>('[name=kind]')!.value}`;
  const fields = Array.from(form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input:not([type=hidden]), textarea'));
  const typed = kept<Record<string, string>>(key);
  if (typed && fields.every((f) => !f.value)) fields.forEach((f) => { f.value = typed[f.name] ?? ''; });
  const store = () => keep(key, fields.some((f) => f.value.trim()) ? Object.fromEntries(fields.map((f) => [f.name, f.value])) : null);
  form.addEventListener('input', later(store, 250));
  form.addEventListener('submit', () => keep(key, null));
}
