"""The WeCom adapter, the only package that imports wechatpy."""
