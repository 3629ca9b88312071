// Views are functions that answer what html`…` makes: HTM's tagged templates, rendered by Preact.
import htm from "./vendor/htm.js";
import { h } from "./vendor/preact.js";

export const html = htm.bind(h);

export { createContext, Fragment, render } from "./vendor/preact.js";
export {
	useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from "./vendor/hooks.js";

/** @typedef {import("./vendor/preact.js").ComponentChildren} Children */
