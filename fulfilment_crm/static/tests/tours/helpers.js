/** Steps the tours of this folder share. Triggers are names and classes, so that they hold in every language. */

/** Wait until the form shows a record in the given state. */
export function inState(state) {
    return {
        content: `the record is ${state}`,
        trigger: `.o_statusbar_status .o_arrow_button_current[data-value='${state}']`,
    };
}

/** Press a button of the form or dialog by the name of its method. */
export function press(name, within = ".o_form_view") {
    return {
        content: `press ${name}`,
        trigger: `${within} button[name='${name}']:enabled`,
        run: "click",
    };
}

/** Turn to a page of the form's notebook. */
export function page(name) {
    return [
        {
            content: `turn to ${name}`,
            trigger: `.o_notebook .nav-link[name='${name}']`,
            run: "click",
        },
        {
            content: `${name} is open`,
            trigger: `.o_notebook .nav-link.active[name='${name}']`,
        },
    ];
}

/** Open the app from anywhere in the web client. */
export function openApp() {
    return [
        {
            content: "open the menu of apps",
            trigger: ".o_navbar_apps_menu button:enabled",
            run: "click",
        },
        {
            content: "open the app",
            trigger: ".o_app[data-menu-xmlid='fulfilment_crm.menu_root']",
            run: "click",
        },
        {
            content: "the app is open",
            trigger: ".o_menu_brand[data-menu-xmlid='fulfilment_crm.menu_root']",
        },
    ];
}

/** Open an entry of one of the app's menus. */
export function menu(section, entry) {
    return [
        {
            content: `open menu ${section}`,
            trigger: `.o_menu_sections button[data-menu-xmlid='fulfilment_crm.${section}']`,
            run: "click",
        },
        {
            content: `choose ${entry}`,
            trigger: `.o-dropdown--menu [data-menu-xmlid='fulfilment_crm.${entry}']`,
            run: "click",
        },
    ];
}

/** Switch an action to another of its views and wait for what only that view shows. */
export function view(type, shows) {
    return [
        {
            content: `switch to ${type}`,
            trigger: `.o_control_panel .o_switch_view.o_${type}`,
            run: "click",
        },
        {
            content: `${type} is there`,
            trigger: `.o_action_manager .o_${type}_view ${shows}`,
        },
    ];
}

/** What may be approved or rejected here is not, or no longer, the user's to decide. */
export function nothingToDecide(content) {
    return {
        content,
        trigger: ".o_form_view:not(:has(button[name='action_approve'])):not(:has(button[name='action_reject']))",
    };
}

/** Approve the form that is open, and see the step taken. */
export function approve() {
    return [
        press("action_approve"),
        nothingToDecide("the own step is taken"),
        ...page("approval"),
        {
            content: "it is signed and dated",
            trigger: ".o_field_widget[name='approval_ids'] .o_data_row:has(.text-bg-success) .o_data_cell[name='decided_on']:not(:empty)",
        },
    ];
}

/** The dialog in front. */
export const TOP = ".modal:not(.o_inactive_modal)";

const typed = new WeakSet();

/** Type into a field that links to a record and take what is proposed; it counts as typing. */
export function choose(field, text, within = ".o_form_view") {
    const steps = [
        {
            content: `type ${text} into ${field}`,
            trigger: `${within} .o_field_widget[name='${field}'] input`,
            run: `edit ${text}`,
        },
        {
            content: `take ${text}`,
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains('${text}')`,
            run: "click",
        },
    ];
    typed.add(steps[1]);
    return steps;
}

/** A job that may take so many clicks and no more, typing not counted. */
export function within(clicks, steps) {
    const counted = steps.filter((step) => step.run === "click" && !typed.has(step));
    if (counted.length > clicks) {
        throw new Error(`${counted.length} clicks, and ${clicks} are allowed: ${counted.map((step) => step.content).join("; ")}`);
    }
    return steps;
}

/** Record that the customer signed on paper, with the scan. */
export function signOnPaper() {
    return [
        press("action_sign_paper"),
        {
            content: "name who signed",
            trigger: `${TOP} .o_field_widget[name='signed_by'] input`,
            run: "edit Lin Wei",
        },
        {
            content: "add the scan",
            trigger: `${TOP} .o_field_widget[name='document'] input.o_input_file:not(:visible)`,
            run() {
                const files = new DataTransfer();
                files.items.add(new File(["signed on paper"], "signed.pdf", { type: "application/pdf" }));
                this.anchor.files = files.files;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "the scan is there",
            trigger: `${TOP} .o_field_widget[name='document'] input:value(signed.pdf)`,
        },
        press("action_confirm", TOP),
    ];
}
