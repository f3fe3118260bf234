import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { may } from "../state/session.ts";
import { type Asked, OrderForm } from "./order-form.tsx";
import { SignIn } from "./sign-in.tsx";

/** A button that gives an order. Who may not is told so; who has not shown who they are is asked first. */
interface OrderButtonProps {
  /** As in the table of roles. */
  readonly verb: string;
  readonly asked: Asked;
  readonly children: ComponentChildren;
}

export function OrderButton({ verb, asked, children }: OrderButtonProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const isDangerous = asked.isDangerous === true;
  return (
    <>
      <button
        type="button"
        class={isDangerous ? "small danger" : "small"}
        onClick={() => setOpen(true)}
      >
        {children}
      </button>
      {open && may(verb) && <OrderForm asked={asked} onClose={close} />}
      {open && !may(verb) && <SignIn why={`To ${verb}, show who you are.`} onClose={close} />}
    </>
  );
}
