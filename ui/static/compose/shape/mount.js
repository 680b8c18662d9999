// The form of what all new notes are held by; see `values.js`.

import { typedVelocity, withTonic, withValue } from "./values.js";

export const mount = (element, { props, watch }) => {
  const part = (name) => element.querySelector(`[data-ms="${name}"]`);
  const [tonic, mode, grid] = ["tonic", "mode", "grid"].map(part);
  const shape = () => props.value || {};

  const show = () => {
    const own = shape();
    tonic.value = own.tonic ?? "";
    mode.hidden = typeof own.tonic !== "number";
    if (own.mode) mode.value = own.mode;
    grid.value = own.grid ?? "";
    for (const name of ["softest", "loudest"]) {
      if (document.activeElement !== part(name)) part(name).value = own[name] ?? "";
    }
  };
  const set = (next) => {
    props.value = next;
    show();
  };

  tonic.addEventListener("change", () => set(withTonic(shape(), tonic.value)));
  mode.addEventListener("change", () => set(withValue(shape(), "mode", mode.value)));
  grid.addEventListener("change", () => set(withValue(shape(), "grid", grid.value)));
  for (const name of ["softest", "loudest"]) {
    part(name).addEventListener("change", ({ target }) => {
      const value = typedVelocity(target.value);
      target.value = value ?? "";
      set(withValue(shape(), name, value));
    });
  }
  // What is chosen before anybody listens would be lost.
  for (const control of element.querySelectorAll("select, input")) control.disabled = false;
  watch("value", show);
  show();
};
