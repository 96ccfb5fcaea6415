/** Colours of pages, light and dark, and light on paper: text on its background has a contrast of at least 4.5. */
export const palette = `:root{color-scheme:light dark;--bg:#fff;--page:#f6f7f9;--fg:#1c2024;--soft:#f0f2f5;--line:#d4dae1;--dim:#545c66;--link:#0550ae;
--critical:#8a1c7c;--high:#b3261e;--medium:#7a4b00;--low:#0550ae;--none:#545c66;--good:#116329;--warn-soft:#fdf3df;--bad-soft:#fdeceb}
@media screen and (prefers-color-scheme:dark){:root{--bg:#1a1e23;--page:#121519;--fg:#e6e9ec;--soft:#252b32;--line:#3b434c;--dim:#a7b1bc;--link:#79b8ff;
--critical:#f0a6e6;--high:#ff8f86;--medium:#f0c36d;--low:#79b8ff;--none:#a7b1bc;--good:#7ee787;--warn-soft:#362b15;--bad-soft:#3a1f1f}}
`;
