downbeat trace 2 {"maxEventBytes":120,"maxDepth":4}
# What is no event is answered to the caller alone, and nothing is relayed.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 421["session:event",{"type":"note"}]
? "message":"Not in this session","code":"not_in_session"
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 2 42["session:event"]
? payload must be an object
> text 2 42["session:event","note"]
? payload must be an object
> text 2 42["session:event",{"data":1}]
? type is required
> text 2 42["session:event",{"type":7}]
? type must be a string
> text 2 42["session:event",{"type":""}]
? type must be 1 to 64 characters
> text 2 42["session:event",{"type":"\ud800"}]
? type must be 1 to 64 characters
# Deep, large, and large by its attachment.
> text 2 42["session:event",{"type":"deep","data":[[[1]]]}]
? send 1
> text 2 42["session:event",{"type":"deep","data":[[[[1]]]]}]
? payload must not nest deeper than 4 levels
! send 1
> text 2 422["session:event",{"type":"large","data":"01234567890123456789012345678901234567890123456789012345678901234567890123456789"}]
? 432[{"ok":false,"error":{"message":"event must not be larger than 120 bytes","code":"invalid_payload"}}]
> text 2 451-["session:event",{"type":"large","data":{"_placeholder":true,"num":0}}]
> binary 2 0123456789012345678901234567890123456789012345678901234567890123456789
? event must not be larger than 120 bytes
! send 1
