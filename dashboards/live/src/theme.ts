const remembered = localStorage.getItem('theme');
if (remembered !== null) document.documentElement.dataset['theme'] = remembered;

/** From what the system says, or what was chosen before, to the other one. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const isDark = root.dataset['theme'] === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : root.dataset['theme'] === 'dark';
  root.dataset['theme'] = isDark ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset['theme']);
}
