// Light, dark or high contrast: what the system says, or what was chosen.
import { useEffect } from "./html.js";
import { stored, useStored } from "./stored.js";

export const THEMES = ["system", "light", "dark", "contrast"];
const choice = stored("theme", "system");

/** Puts the choice where the style sheet looks for it. */
export function applyTheme() {
	if (choice.value === "system")
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = choice.value;
}

/** @returns {[string, (theme: string) => void]} */
export function useTheme() {
	const [theme, setTheme] = useStored(choice);
	useEffect(applyTheme, [theme]);
	return [theme, setTheme];
}
