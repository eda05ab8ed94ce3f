/**
 * A drawing of the body, front and back, that mirrors the checkboxes of the places. A tap on it is a tap on
 * its checkbox. Screen readers and keyboards use the checkboxes; the drawing is hidden from them.
 *
 * Each outline is drawn for one half, `x` counted from the midline; the other half is its mirror image.
 * What lies on the midline has a middle as well. Later outlines lie over earlier ones.
 */

/** @typedef {[region: string, half: string, middle?: string]} Outline */

import { boxes, strengthOf } from "./places.js";

const SVG = "http://www.w3.org/2000/svg";
const NARROW = ["elbow", "wrist", "ankle", "jaw", "groin"];
const SIZE = { width: 100, height: 225, midline: 50 };

/** @type {Outline[]} */
const LIMBS = [
  ["shoulder", "M14 43.6C17 44.6 19.6 45.4 21.6 46C27 47.6 31 51.6 31.6 58.2C31.8 60.4 31.9 62 32.1 63.8C29 65.6 25.8 65.6 22.9 64C20.6 60 19.4 55.6 19.6 51C17 48.4 15 46 14 43.6Z"],
  ["upper_arm", "M22.9 64C25.8 65.6 29 65.6 32.1 63.8C33.2 70 34.4 77 35.4 83.4C32.6 84.9 30 85.2 27.4 84.8C26 78 24.6 71 22.9 64Z"],
  ["elbow", "M27.4 84.8C30 85.2 32.6 84.9 35.4 83.4C36.8 87 37.4 90 37.8 93.2C35 94.6 32.2 95 29.4 94.6C28.9 91 28.2 88 27.4 84.8Z"],
  ["forearm", "M29.4 94.6C32.2 95 35 94.6 37.8 93.2C39.5 99.4 40.9 107 41.7 113.5C39.8 114.8 37.8 115.3 35.5 115.3C33 108.6 30.6 101.6 29.4 94.6Z"],
  ["wrist", "M35.5 115.3C37.8 115.3 39.8 114.8 41.7 113.5C42.3 116 42.8 118 43 120.2C41 121.5 39 122 36.9 122C36.4 119.8 36 117.6 35.5 115.3Z"],
  ["hand", "M36.9 122C39 122 41 121.5 43 120.2C45.6 122.4 46.9 126 46.7 130.2C46.5 134.6 45.2 139 43 140.2C40.4 140.4 38.2 137 37.4 132.4C35.2 132.6 33.8 130.2 34 127.2C34.2 125 35.5 123.2 36.9 122Z"],
  ["knee", "M5.8 152C9.6 154 15.6 154 19.8 152C19.2 156.6 19 161 19.3 165.6C15.4 167.7 10.4 167.7 6.7 165.6C6.8 161 6.4 156.6 5.8 152Z"],
  ["ankle", "M8.8 200C11.2 201.5 14 201.5 16.6 200C16.6 203 17 205.6 17.9 208.2C15 210.2 11 210.2 7.9 208.2C8.6 205.6 8.9 203 8.8 200Z"],
  ["foot", "M7.9 208.2C11 210.2 15 210.2 17.9 208.2C20.8 211 24 214.8 24.8 217.8C25 219.8 23.6 220.8 21.2 221C16.6 221.4 11.6 221.4 9.4 220.6C7.4 219.8 6.6 217.4 6.9 214.6C7.1 212.2 7.5 210.2 7.9 208.2Z"],
];

/** @type {Outline[]} */
const FRONT = [
  ["chest", "M6.5 45.6L14 43.6C15 46 17 48.4 19.6 51C19.4 55.6 20.6 60 22.9 64C22.6 67.6 21.8 71 20.8 74.4H6.5Z", "M-6.5 45.6L0 47L6.5 45.6V74.4H-6.5Z"],
  ["abdomen", "M6.5 74.4H20.8C19.3 79 18.5 83 18.5 87C18.5 91 19.6 95 21.2 98.4C16.6 100.9 12 102.4 6.5 103Z", "M-6.5 74.4H6.5V103C2.4 103.4-2.4 103.4-6.5 103Z"],
  ["thigh_front", "M24.3 118.4C20.6 117.4 17 114.4 14 110.4C10.6 114 6.8 116.8 2 118.8C1.8 120 1.8 121 1.8 122C2.4 132 4 143 5.8 152C9.6 154 15.6 154 19.8 152C22.3 141 24.2 129 24.3 118.4Z"],
  ["hip", "M21.2 98.4C22.9 101.8 23.9 105.6 24.3 110C24.5 113 24.5 115.8 24.3 118.4C20.6 117.4 17 114.4 14 110.4C12.2 107.8 10.8 105.2 9.8 102.6C14 101.8 17.6 100.3 21.2 98.4Z"],
  ["groin", "M4 103.2L9.8 102.6C10.8 105.2 12.2 107.8 14 110.4C11 113.6 7.8 116 4 117.8Z", "M-4 103.2C-1.4 103.4 1.4 103.4 4 103.2V117.8C2.6 118.6 1.2 119.2 0 119.2C-1.2 119.2-2.6 118.6-4 117.8Z"],
  ["lower_leg_front", "M6.7 165.6C10.4 167.7 15.4 167.7 19.3 165.6C20.9 171.6 20.9 178 19.5 184.6C18 191 17 196 16.6 200C14 201.5 11.2 201.5 8.8 200C8.8 195 8.4 190 7.4 184.6C6 177.6 5.8 171.6 6.7 165.6Z"],
  ["neck_front", "M2.8 29H7.6V37C7.8 40 10 42.2 14 43.6L6.5 45.6L2.8 46.4Z", "M-2.8 29H2.8V46.4L0 47L-2.8 46.4Z"],
  ["jaw", "M4 25H10.7C9.6 29.6 7.4 33.4 4 35Z", "M-4 25H4V35C1.6 35.9-1.6 35.9-4 35Z"],
  ["head", "M4 3.6C9 5 12.2 10 12.2 16C12.2 19.5 11.6 22.4 10.7 25H4Z", "M-4 3.6C-1.5 2.8 1.5 2.8 4 3.6V25H-4Z"],
];

/** @type {Outline[]} */
const BACK = [
  ["upper_back", "M5.5 46L14 43.6C15 46 17 48.4 19.6 51C19.4 55.6 20.6 60 22.9 64C22.6 68 21.7 72 20.4 76H5.5Z", "M-5.5 46L0 47L5.5 46V76H-5.5Z"],
  ["low_back", "M5.5 76H20.4C19.2 80 18.5 83.6 18.5 87C18.5 91 19.6 95 21.2 98.4C16.6 100.8 11.6 102.4 5.5 103.2Z", "M-5.5 76H5.5V103.2C2 103.6-2 103.6-5.5 103.2Z"],
  ["thigh_back", "M24.3 118.4C20 123 9.4 125 1.8 122.6C2.4 132 4 143 5.8 152C9.6 154 15.6 154 19.8 152C22.3 141 24.2 129 24.3 118.4Z"],
  ["hip", "M21.2 98.4C23.4 102.6 24.6 109 24.3 118.4C20.4 116.6 18 111.6 17.3 106.4C17 104.4 16.9 102.4 16.9 100.4C18.4 99.8 19.8 99.2 21.2 98.4Z"],
  ["buttock", "M0 103.6C6.4 103.4 12 102.2 16.9 100.4C16.9 102.4 17 104.4 17.3 106.4C18 111.6 20.4 116.6 24.3 118.4C20 123 9.4 125 1.8 122.6C.6 120 0 117 0 114Z"],
  ["lower_leg_back", "M6.7 165.6C10.4 167.7 15.4 167.7 19.3 165.6C20.9 171.6 20.9 178 19.5 184.6C18 191 17 196 16.6 200C14 201.5 11.2 201.5 8.8 200C8.8 195 8.4 190 7.4 184.6C6 177.6 5.8 171.6 6.7 165.6Z"],
  ["neck_back", "M2.8 29H7.6V37C7.8 40 10 42.2 14 43.6L5.5 46L2.8 46.5Z", "M-2.8 29H2.8V46.5L0 47L-2.8 46.5Z"],
  ["head", "M4 3.6C9 5 12.2 10 12.2 16C12.2 23.6 9.6 30.8 4 34Z", "M-4 3.6C-1.5 2.8 1.5 2.8 4 3.6V34C1.6 34.8-1.6 34.8-4 34Z"],
];

/**
 * Draws both figures into their hosts and keeps them like the checkboxes of the form.
 * @param {HTMLFormElement} form
 */
export function drawBody(form) {
  // Seen from the front, the person's right side is on the left of the drawing.
  drawInto(form, "front", [...LIMBS, ...FRONT], { "-1": "right", 1: "left" });
  drawInto(form, "back", [...LIMBS, ...BACK], { "-1": "left", 1: "right" });
  form.addEventListener("change", () => mirror(form));
  form.addEventListener("mirrored", () => mirror(form));
  mirror(form);
}

/** @param {HTMLFormElement} form @param {string} view @param {Outline[]} outlines @param {Record<string, string>} sides */
function drawInto(form, view, outlines, sides) {
  const host = /** @type {HTMLElement} */ (form.querySelector(`[data-body="${view}"]`));
  const drawing = element("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, "aria-hidden": "true", focusable: "false" });
  for (const [region, half, middle] of outlines) {
    for (const [turn, side] of Object.entries(sides)) drawing.append(shape(half, `${region}:${side}`, Number(turn)));
    if (middle) drawing.append(shape(middle, `${region}:middle`, 1));
  }
  drawing.addEventListener("click", (event) => tapped(form, drawing, event));
  host.replaceChildren(drawing);
}

/** @param {HTMLFormElement} form @param {Element} drawing @param {MouseEvent} tap */
function tapped(form, drawing, { clientX, clientY }) {
  const place = placeAt(drawing, clientX, clientY);
  boxes(form).find((box) => box.value === place)?.click();
}

/**
 * The outline under the thumb, or the nearest one around it. A tap beside what is narrower than a thumb means that, where its
 * middle is nearer than the middle of what lies under the tap.
 * @param {Element} drawing @param {number} x @param {number} y
 */
function placeAt(drawing, x, y) {
  const [under, beside, ...further] = [0, 8, 16, 24].map((reach) => placesAround(drawing, x, y, reach));
  const narrow = beside.filter((place) => NARROW.includes(place.split(":")[0]));
  const meant = [...under, ...narrow].map((place) => ({ place, far: farFrom(drawing, place, x, y) }));
  return meant.sort((one, other) => one.far - other.far).at(0)?.place ?? [...beside, ...further.flat()].at(0);
}

/** How far the middle of an outline is. @param {Element} drawing @param {string} place @param {number} x @param {number} y */
function farFrom(drawing, place, x, y) {
  const box = drawing.querySelector(`[data-place="${place}"]`)?.getBoundingClientRect() ?? new DOMRect();
  return Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
}

/** @param {Element} drawing @param {number} x @param {number} y @param {number} reach @returns {string[]} */
function placesAround(drawing, x, y, reach) {
  const found = [];
  for (let turn = 0; turn < Math.PI * 2; turn += Math.PI / 6) {
    const met = document.elementFromPoint(x + reach * Math.cos(turn), y + reach * Math.sin(turn));
    const place = met && drawing.contains(met) ? met.getAttribute("data-place") : null;
    if (place) found.push(place);
  }
  return found;
}

/** @param {HTMLFormElement} form */
function mirror(form) {
  const chosen = new Set(boxes(form).filter((box) => box.checked).map((box) => box.value));
  for (const outline of form.querySelectorAll("[data-place]")) {
    const place = outline.getAttribute("data-place") ?? "";
    const strength = strengthOf(form, place)?.value;
    outline.setAttribute("class", chosen.has(place) ? `is-chosen ${strength ? `step-${strength}` : ""}` : "");
    // Its edge lies over those of its neighbours.
    if (chosen.has(place)) outline.parentNode?.append(outline);
  }
}

/** @param {string} path @param {string} place @param {number} turn 1 as drawn, -1 mirrored */
function shape(path, place, turn) {
  return element("path", { d: path, "data-place": place, transform: `matrix(${turn} 0 0 1 ${SIZE.midline} 0)` });
}

/** @param {string} name @param {Record<string, string>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
