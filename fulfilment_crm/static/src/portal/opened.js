import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";

/** The page of a contract that waits for a signature says once that somebody looks at it. */
export class ContractOpened extends Interaction {
    static selector = ".o_fulfilment_to_sign";

    async willStart() {
        const { contract, token } = this.el.dataset;
        await this.waitFor(rpc(`/my/fulfilment/contracts/${contract}/opened`, { access_token: token || null }, { silent: true }).catch(() => {}));
    }
}

registry.category("public.interactions").add("fulfilment_crm.contract_opened", ContractOpened);
