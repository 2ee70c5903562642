"""The program on the host: its attributes and constants, by the names that its files have now."""

SYMBOLS = [
    ("homeport.hostctl.system.paths:AppPaths.deploy", "journal"),
    ("homeport.hostctl.system.paths:AppPaths.last", "last_journal"),
    ("homeport.hostctl.system.paths:AppPaths.before", "snapshot"),
    ("homeport.hostctl.system.paths:AppPaths.key", "hmac_key"),
    ("homeport.hostctl.system.paths:AppPaths.working", "mutex"),
    ("homeport.hostctl.verbs.rollback:RollbackRequest.held", "deploy_id"),
    ("homeport.hostctl.verbs.rollback:RollbackRequest.by", "user"),
    ("homeport.hostctl.verbs.rollback:RollbackRequest.here", "detached"),
    ("homeport.hostctl.verbs.transitions:HERE", "DETACHED"),
    ("homeport.hostctl.verbs.finalize:finisher", "cleanup_unit"),
    ("homeport.hostctl.verbs.cleanup:finish", "cleanup"),
]
