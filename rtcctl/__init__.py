"""rtcctl: declarative provisioning and reconcile for Huawei Cloud SparkRTC.

Data flows one way: manifest → desired → plan ← live; plan → apply → service.
See ARCHITECTURE.md for the hops and the layers.
"""

__version__ = "0.1.0"
